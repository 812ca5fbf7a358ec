package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Tells the routers that the ranges move, and waits until none runs anything that does not know.
 *
 * <p>Whoever does not learn of it in time is cut off. Whoever knows and has something older running
 * is waited for: a report of ten minutes is not broken.
 */
final class Preparing implements Phase {
  /** Longer than a session with ZooKeeper lasts in silence. */
  private static final Duration TIME_TO_LEARN = Duration.ofSeconds(10);

  private final MoveContext context;
  private final MoveAcknowledgements acknowledgements;
  private final Beginning beginning;
  private final OlderWork older;
  private Optional<String> waitsFor = Optional.empty();

  Preparing(
      MoveContext context,
      MoveAcknowledgements acknowledgements,
      Beginning beginning,
      OlderWork older) {
    this.context = context;
    this.acknowledgements = acknowledgements;
    this.beginning = beginning;
    this.older = older;
  }

  /**
   * When this leader first saw the move in the topology. What others change after that, routers
   * need not know: they report an epoch only after a while. Used by one thread.
   */
  static final class Beginning {
    private Optional<Epoch> epoch = Optional.empty();
    private Optional<Since> seen = Optional.empty();

    /** The epoch of then, which is this one if it is seen now. */
    private Epoch of(Epoch now) {
      if (epoch.isEmpty()) {
        epoch = Optional.of(now);
        seen = Optional.of(Since.now());
      }
      return epoch.get();
    }

    private boolean isLongerAgoThan(Duration time) {
      return seen.isPresent() && seen.get().isLongerAgoThan(time);
    }
  }

  @Override
  public boolean work() throws SQLException {
    acknowledgements.prepare(context.mover().migration());
    Migration migration = context.migration();
    int mover = (int) context.mover().token();
    Topology prepared = context.topology().begin(topology -> migration.begun(topology, mover));
    Optional<RangeMove> begun = prepared.move(migration.number());
    return begun.isPresent() ? isReady(prepared, begun.get()) : waitsForAnother(prepared);
  }

  /** What cannot begin waits for the end of the move that has its ranges. */
  private boolean waitsForAnother(Topology topology) {
    Migration migration = context.migration();
    RangeMove other =
        migration
            .claim()
            .takenBy(topology)
            .orElseThrow(
                () ->
                    new Obstacle(
                        "the ranges are not with shard %s any more, shard %s is not there any more, or the ring has no room for another pin: make a new plan"
                            .formatted(
                                migration.transfer().source(), migration.transfer().target()),
                        null));
    waitsFor = Optional.of("range move %d".formatted(other.number()));
    return false;
  }

  private boolean isReady(Topology prepared, RangeMove move) throws SQLException {
    try (Connection source = context.open(move.source());
        Connection target = context.open(move.target())) {
      Set<Integer> missing = older.awaited(context, prepared.epoch(), move, source, target);
      if (missing.isEmpty()) {
        return true;
      }
      Epoch since = beginning.of(prepared.epoch());
      if (beginning.isLongerAgoThan(TIME_TO_LEARN)) {
        context.routers().giveUpOn(context.routers().unaware(missing, since), source, target);
      }
      waitsFor = Optional.of("routers %s to end what they began before".formatted(missing));
      return false;
    }
  }

  @Override
  public Optional<String> waitsFor() {
    return waitsFor;
  }
}
