package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.rebalance.internal.capture.GateHolders;
import dev.shardwright.rebalance.internal.capture.StoredRows;
import dev.shardwright.rebalance.internal.capture.TriggersThatAct;
import dev.shardwright.rebalance.internal.capture.Uncaptured;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.TimeLeft;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The rows that writers left to be copied, first beside them and then behind the gate that keeps
 * them out. Used by one thread, for one attempt.
 */
final class GatedCopy {
  /** So many tables are each asked for what is left; more are asked at once. */
  private static final int FEW = 3;

  private final RangeMove move;
  private final Direction direction;
  private final Drains drains;
  private final Links links;

  GatedCopy(RangeMove move, Direction direction, Drains drains, Links links) {
    this.move = move;
    this.direction = direction;
    this.drains = drains;
    this.links = links;
  }

  /**
   * Copies once by the sessions that will copy behind the gate, before anybody waits for them, and
   * compares the tables where the rows go with what they were.
   *
   * @throws DefinitionChanged if they were changed since, or lack a gate that new rows go through,
   *     or have triggers that act on rows that come
   * @throws ComparisonOutdated if they have other rows than were written
   */
  void rehearse() throws SQLException {
    for (KeyLogDrain table : drains.drains()) {
      table.drain(links.gate(), links.to());
    }
    KeyLogDrain.withRowsLeft(links.gate(), drains.drains());
    ShardId to = direction.to(move);
    List<MovingTable> tables = drains.tables();
    DefinitionChanged.check(to, DefinitionDigest.read(links.to(), tables), drains.definitions());
    if (direction == Direction.FORWARD) { // on the way back nobody could mend that
      DefinitionChanged.checkCaptured(to, Uncaptured.find(links.to(), move.number(), tables));
    }
    DefinitionChanged.checkTriggers(to, TriggersThatAct.find(links.to(), tables));
    ComparisonOutdated.check(
        to, StoredRows.stamp(links.to(), move.number(), tables), drains.compared().to());
  }

  /**
   * Compares the tables where the rows come from with what they were, and keeps them so until the
   * transaction ends; looks there, too, whether all writes were captured, and that none would act
   * on rows that flow back once the ranges have changed hands.
   *
   * @throws DefinitionChanged if they were changed since, or written without the gate
   * @throws ComparisonOutdated if they have other rows than were written
   */
  void checkDefinitions() throws SQLException {
    ShardId from = direction.from(move);
    List<MovingTable> tables = drains.tables();
    DefinitionChanged.check(
        from, DefinitionDigest.read(links.gate(), tables), drains.definitions());
    DefinitionChanged.checkCaptured(from, Uncaptured.find(links.gate(), move.number(), tables));
    if (direction == Direction.FORWARD) {
      DefinitionChanged.checkTriggers(from, TriggersThatAct.find(links.gate(), tables));
    }
    ComparisonOutdated.check(
        from, StoredRows.stamp(links.gate(), move.number(), tables), drains.compared().from());
  }

  /** Who keeps the tables locked against writers, and so against an attempt; empty if nobody. */
  Optional<String> describeLockers() {
    List<String> tables = drains.tables().stream().map(MovingTable::sql).toList();
    Optional<String> here = GateHolders.ofTables(links.from(), tables);
    return here.isPresent() ? here : GateHolders.ofTables(links.to(), tables);
  }

  /** So that little is left to be copied behind the gate. */
  void drainMeanwhile(TimeLeft left) throws SQLException {
    for (KeyLogDrain table : drains.drains()) {
      table.drain(links.from(), links.to(), left);
    }
  }

  /**
   * Waits for the last writers and keeps others out, until the transaction ends.
   *
   * @param left how long to wait at most
   * @param budget how long each statement after it may take
   */
  void closeGate(Duration left, Duration budget) throws SQLException {
    try (Statement statement = links.gate().createStatement()) {
      statement.execute(
          """
          set local lock_timeout = %1$d;
          set local statement_timeout = %1$d;
          select pg_advisory_xact_lock(%2$d, %3$d);
          set local statement_timeout = %4$d
          """
              .formatted(
                  Math.max(1, left.toMillis()),
                  AdvisoryLocks.GATE,
                  move.number(),
                  budget.toMillis()));
    }
  }

  /** After it, nothing is left that one side has and the other has not. */
  void drainLast(TimeLeft left) throws SQLException {
    List<KeyLogDrain> all = drains.drains();
    for (KeyLogDrain table :
        all.size() <= FEW ? all : KeyLogDrain.withRowsLeft(links.gate(), all)) {
      table.drainLast(links.gate(), links.to(), left);
    }
  }
}
