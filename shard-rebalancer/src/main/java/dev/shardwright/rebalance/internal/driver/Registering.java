package dev.shardwright.rebalance.internal.driver;

import static java.util.Comparator.comparing;

import dev.shardwright.rebalance.internal.capture.CrashMark;
import dev.shardwright.rebalance.internal.capture.Dismantling;
import dev.shardwright.rebalance.internal.capture.OwnerRow;
import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.rebalance.internal.database.Timeline;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this mover the one that both databases know, and the registers. Done again by each new
 * leader before anything else, and after each failure: it ends the sessions of the mover before,
 * and asserts the registers on whatever server is the primary by then.
 *
 * <p>A server on another timeline than the registers were asserted on was a standby, and may lack
 * the last that its primary had: rows that came over, log rows, the registers, the triggers. Until
 * the registers are asserted its gates refuse the ranges, so that comes last. Before it the
 * triggers are installed again; a hold is ended, since the attempt is over; rows count as not
 * verified, so that nothing changes hands before all were compared anew.
 *
 * <p>If the ranges have changed hands and the new owner's register does not know of it, the server
 * lacks its opening, and with it every write of the service to the ranges since: it refused them
 * until then. But the other shard has refused them from the fence on, and has all there was: the
 * rows come from there once more before the owner is opened. Only while that shard's rows were not
 * removed yet, and if it was not replaced itself since all was verified. That they are to be taken
 * back by then changes nothing: what the owner lacks would be missing on the way back.
 */
final class Registering {
  private static final Logger LOG = LoggerFactory.getLogger(Registering.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MoveContext context;
  private final TableLocking locking;
  private final Runnable unverified;
  private final Runnable sourceLacks;

  /**
   * Registers nothing yet.
   *
   * @param context that does not know timelines yet
   * @param unverified records that what was verified is not, any more
   * @param sourceLacks records that the source may lack rows
   */
  Registering(
      MoveContext context, TableLocking locking, Runnable unverified, Runnable sourceLacks) {
    this.context = context;
    this.locking = locking;
    this.unverified = unverified;
    this.sourceLacks = sourceLacks;
  }

  /**
   * Does it; may be done again.
   *
   * @return the context, for servers on the timelines of now
   */
  MoveContext work() throws SQLException, InterruptedException {
    Servers servers = takeOver();
    Set<ShardId> replaced = servers.replaced();
    if (!replaced.isEmpty()) {
      LOG.warn(
          "Migration {} goes on with other servers of shards {} than before",
          migration().number(),
          replaced);
      restore(replaced);
      if (!isNewOwnerAlone(replaced)) {
        unverified.run();
      }
      if (replaced.contains(migration().transfer().source())) {
        sourceLacks.run();
      }
    }
    if (servers.crashed().contains(context.from(migration().direction()))) {
      doubtRows();
    }
    return context.on(assertRegisters(servers.crashed()));
  }

  /**
   * What became of the servers that were registered with.
   *
   * @param replaced where another one is
   * @param crashed where there was a crash since, or another one is, or none was registered with
   */
  private record Servers(Set<ShardId> replaced, Set<ShardId> crashed) {}

  /**
   * After a crash of the server that the rows come from: it may have lost a write that is on the
   * other side already, together with its row in the key log. Not once the ranges have changed
   * hands: the fence was on the disk then, and with it all that came before it.
   */
  private void doubtRows() {
    if (!hasRegisters(migration().state())) {
      return;
    }
    Optional<RangeMove> move = context.topology().move();
    if (move.isPresent() && move.get().held()) {
      move = context.topology().giveUp(move.get()).move(migration().number());
    }
    if (move.filter(migration().direction()::hasArrived).isEmpty()) {
      if (migration().verified()) {
        LOG.warn(
            "Migration {} compares all rows anew: the server of shard {} may have crashed since",
            migration().number(),
            context.from(migration().direction()));
      }
      unverified.run();
    }
  }

  /**
   * Takes over, and tells what became of the servers.
   *
   * <p>Whoever has the ranges for good comes first, and its gates let everything be at once: it
   * would log the writes to them as long as the clean-up takes, for ever if the other is gone.
   */
  private Servers takeOver() throws SQLException {
    Set<ShardId> replaced = new HashSet<>();
    Set<ShardId> crashed = new HashSet<>();
    Optional<ShardId> keeper = keeper();
    Comparator<ShardId> keeperFirst = comparing(shard -> !keeper.equals(Optional.of(shard)));
    for (ShardId shard : context.shards().stream().sorted(keeperFirst).toList()) {
      try (Connection connection = context.open(shard)) {
        OwnerRow.takeOver(connection, context.mover(), PATIENCE);
        if (isReplaced(connection)) {
          replaced.add(shard);
        }
        if (!CrashMark.isSet(connection, migration().number())) {
          crashed.add(shard);
        }
        Registers.create(connection, context.mover());
        if (keeper.equals(Optional.of(shard))) {
          new Dismantling(context.mover(), locking).neutralise(connection);
        }
      }
    }
    return new Servers(replaced, crashed);
  }

  /** The shard with which the ranges stay, so that it needs nothing of the move any more. */
  private Optional<ShardId> keeper() {
    if (migration().state() == MigrationState.CLEANING_UP) {
      return context.topology().move().map(RangeMove::owner);
    }
    return isGivenUp() ? Optional.of(migration().transfer().source()) : Optional.empty();
  }

  /** Whether the ranges stay with the source. */
  private boolean isGivenUp() {
    if (migration().state() != MigrationState.ABORTING) {
      return false;
    }
    Optional<RangeMove> move = context.topology().move();
    if (move.isPresent() && move.get().held()) {
      move = context.topology().giveUp(move.get()).move(migration().number());
    }
    return move.filter(now -> !now.held() && RangeMove.isWithSource(now.value())).isPresent();
  }

  private boolean isReplaced(Connection connection) throws SQLException {
    OptionalLong asserted = Registers.assertedTimeline(connection, migration().number());
    return asserted.isPresent()
        ? asserted.getAsLong() != Timeline.of(connection)
        : hasRegisters(migration().state());
  }

  private void restore(Set<ShardId> replaced) throws SQLException, InterruptedException {
    Optional<RangeMove> move = context.topology().move();
    if (move.isEmpty()) {
      return;
    }
    if (move.get().held()) {
      context.topology().giveUp(move.get());
    }
    if (hasTriggers(migration().state())) {
      for (ShardId shard : replaced) {
        new Installing(context, locking).on(shard);
      }
      Optional<Direction> again = lacking(replaced);
      if (again.isPresent()) {
        bringAgain(again.get());
      }
    }
  }

  /**
   * Whether only the server is another to which the ranges have come. The other shard's rows are
   * then as good as before: from there they come again, also after the next replacement.
   */
  private boolean isNewOwnerAlone(Set<ShardId> replaced) {
    Direction direction = migration().direction();
    return replaced.equals(Set.of(context.to(direction)))
        && context.topology().move().filter(direction::hasArrived).isPresent();
  }

  /**
   * Which way the rows come again that an owner lacks together with its opening, if only that one
   * was replaced and the other shard has them all.
   */
  private Optional<Direction> lacking(Set<ShardId> replaced) throws SQLException {
    Migration migration = migration();
    RangeMove move = context.move();
    Direction brought;
    OptionalLong opening;
    if (migration.direction().hasArrived(move)) {
      brought = migration.direction();
      opening = migration.verified() ? OptionalLong.of(move.value()) : OptionalLong.empty();
    } else {
      // On the way back the value grows with each attempt that is given up.
      brought = Direction.FORWARD;
      opening = migration.openedAt();
    }
    if (opening.isEmpty() || !replaced.equals(Set.of(context.to(brought)))) {
      return Optional.empty();
    }
    try (Connection connection = context.open(context.to(brought))) {
      long register = Registers.value(connection, migration.number()).orElse(0);
      return register < opening.getAsLong() ? Optional.of(brought) : Optional.empty();
    }
  }

  private void bringAgain(Direction direction) throws SQLException, InterruptedException {
    LOG.warn(
        "Migration {}: the server of shard {} lacks the end of the move, and gets its rows again",
        migration().number(),
        context.to(direction));
    Phase catchingUp = new CatchingUp(context, direction, Throttle.none());
    while (!catchingUp.work()) {
      // Nobody but this mover writes the ranges: the log has an end.
    }
    new Verifying(
            context, direction, Throttle.none(), Optional.empty(), defined -> {}, compared -> {})
        .work();
  }

  /**
   * What the topology says is true of both sides: each accepts the ranges by its own parity.
   *
   * @param crashed where the next crash is to be noticed; not elsewhere, since one may have come
   *     meanwhile
   */
  private Map<ShardId, Long> assertRegisters(Set<ShardId> crashed) throws SQLException {
    long value = context.topology().move().map(RangeMove::value).orElse(0L);
    Map<ShardId, Long> timelines = new HashMap<>();
    for (ShardId shard : context.shards()) {
      try (Connection connection = context.open(shard)) {
        Registers.create(connection, context.mover(), value);
        if (crashed.contains(shard)) {
          CrashMark.set(connection, context.mover());
        }
        Readmission.admitAgain(connection, shard, context.topology()::read);
        timelines.put(shard, Timeline.of(connection));
      }
    }
    return timelines;
  }

  /** Whether registers must be there, unless the server was replaced. */
  private static boolean hasRegisters(MigrationState state) {
    return switch (state) {
      case PREPARING, INSTALLING, COPYING, CATCHING_UP, VERIFYING, CUTTING_OVER, IN_WINDOW -> true;
      case PLANNED, REGISTERING, CLEANING_UP, DONE, ABORTING, ABORTED -> false;
    };
  }

  /** Whether triggers must be there, and rows on both shards. */
  private static boolean hasTriggers(MigrationState state) {
    return switch (state) {
      case COPYING, CATCHING_UP, VERIFYING, CUTTING_OVER, IN_WINDOW -> true;
      case PLANNED, REGISTERING, PREPARING, INSTALLING, CLEANING_UP, DONE, ABORTING, ABORTED ->
          false;
    };
  }

  private Migration migration() {
    return context.migration();
  }
}
