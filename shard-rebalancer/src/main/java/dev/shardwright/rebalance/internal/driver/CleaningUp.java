package dev.shardwright.rebalance.internal.driver;

import com.google.common.collect.Lists;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.rebalance.internal.capture.Dismantling;
import dev.shardwright.rebalance.internal.capture.Inventory;
import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.rebalance.internal.copy.RowRemoval;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Removes what the move needs no more, on the shard that the ranges are not with and then on both:
 * also after an abort, since the copies are on that shard then.
 *
 * <p>The guard refuses the ranges before the gates go; the rows go while the filter still hides
 * them; the filter goes last. Then nothing of the move is left but what the guards say.
 */
final class CleaningUp implements Phase {
  private final MoveContext context;
  private final MoveAcknowledgements acknowledgements;
  private final TableLocking locking;
  private final Throttle throttle;
  private final OlderWork older;
  private Set<Integer> awaited = Set.of();

  CleaningUp(
      MoveContext context,
      MoveAcknowledgements acknowledgements,
      TableLocking locking,
      Throttle throttle,
      OlderWork older) {
    this.context = context;
    this.acknowledgements = acknowledgements;
    this.locking = locking;
    this.throttle = throttle;
    this.older = older;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    Topology seen = context.topology().read();
    Optional<RangeMove> move = seen.move(context.mover().migration());
    if (move.isPresent()) {
      if (!isQuiet(seen, move.get()) || !isGivenUp(seen, move.get())) {
        return false;
      }
      removeRows(move.get().other());
    }
    List<ShardId> shards = Lists.reverse(context.shards());
    Dismantling dismantling = new Dismantling(context.mover(), locking);
    for (ShardId shard : shards) {
      try (Connection connection = context.open(shard)) {
        dismantling.neutralise(connection);
        dismantling.drop(connection);
      }
    }
    // One that was replaced may have the removed rows again, which the move still hides.
    context.checkServers();
    Topology ended = context.topology().end(context.migration()::left);
    acknowledgements.forget(context.mover().migration());
    for (ShardId shard : shards) {
      forget(dismantling, shard, ended);
    }
    return true;
  }

  /**
   * Nothing may run any more that reads the rows where they were, nor come back to do so. A router
   * whose session with ZooKeeper is over will never say that it does not: it is cut off.
   */
  private boolean isQuiet(Topology seen, RangeMove move) throws SQLException {
    try (Connection source = context.open(move.source());
        Connection target = context.open(move.target())) {
      awaited = older.awaited(context, seen.epoch(), move, source, target);
      context.routers().cutOff(context.routers().unregistered(awaited), source, target);
      return awaited.isEmpty();
    }
  }

  @Override
  public Optional<String> waitsFor() {
    return awaited.isEmpty()
        ? Optional.empty()
        : Optional.of("routers %s to end what they began before".formatted(awaited));
  }

  private boolean isGivenUp(Topology seen, RangeMove move) throws SQLException {
    List<Guard> guards = context.guards(seen, move.other());
    try (Connection connection = context.open(move.other())) {
      return MoverTransaction.in(
          connection,
          context.mover(),
          () -> GuardInstaller.giveUpWithin(connection, move.number(), move.ranges(), guards));
    }
  }

  /** What was dropped has none; what was renamed may get its name back one day. */
  private void removeRows(ShardId shard) throws SQLException, InterruptedException {
    try (Connection connection = context.open(shard)) {
      for (MovingTable table : context.presentTables(connection)) {
        new RowRemoval(
                RowOrder.choose(table, context.ranges(), connection),
                context.ranges(),
                context.mover(),
                throttle,
                context.copyOptions())
            .run(connection);
      }
    }
  }

  private void forget(Dismantling dismantling, ShardId shard, Topology ended) throws SQLException {
    try (Connection connection = context.open(shard)) {
      dismantling.forget(connection, context.guards(ended, shard));
      List<String> left = Inventory.of(connection, context.mover().migration());
      if (!left.isEmpty()) {
        throw new SQLException("on shard %s there is still %s".formatted(shard, left), "55000");
      }
    }
  }
}
