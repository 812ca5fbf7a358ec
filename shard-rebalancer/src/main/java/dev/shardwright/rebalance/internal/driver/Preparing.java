package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.cutover.RouterSessions;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the routers that the ranges move, and waits until none runs anything that does not know.
 *
 * <p>Whoever does not learn of it in time is cut off. Whoever knows and has something older running
 * is waited for: a report of ten minutes is not broken.
 */
final class Preparing implements Phase {
  private static final Logger LOG = LoggerFactory.getLogger(Preparing.class);

  /** Longer than a session with ZooKeeper lasts in silence. */
  private static final Duration TIME_TO_LEARN = Duration.ofSeconds(10);

  private final MoveContext context;
  private final MoveAcknowledgements acknowledgements;
  private final Instant began;
  private final Clock clock;

  /**
   * Prepares a move.
   *
   * @param began when preparing it began
   */
  Preparing(
      MoveContext context, MoveAcknowledgements acknowledgements, Instant began, Clock clock) {
    this.context = context;
    this.acknowledgements = acknowledgements;
    this.began = began;
    this.clock = clock;
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
                        "the ranges are not with shard %s any more, or their ring has no room for another pin: make a new plan"
                            .formatted(migration.transfer().source()),
                        null));
    LOG.info("Migration {} waits for range move {}", migration.number(), other.number());
    return false;
  }

  private boolean isReady(Topology prepared, RangeMove move) throws SQLException {
    try (Connection source = context.open(move.source());
        Connection target = context.open(move.target())) {
      RouterSessions.admitOnlySince(source, prepared.epoch());
      RouterSessions.admitOnlySince(target, prepared.epoch());
      Set<Integer> missing = context.routers().missing(move, source, target);
      if (missing.isEmpty()) {
        return true;
      }
      if (isTimeOver()) {
        Set<Integer> unaware = context.routers().unaware(missing, prepared.epoch());
        context.routers().cutOff(unaware, source, target);
      }
      LOG.info("Range move {} waits for routers {}", move.number(), missing);
      return false;
    }
  }

  private boolean isTimeOver() {
    return clock.instant().isAfter(began.plus(TIME_TO_LEARN));
  }
}
