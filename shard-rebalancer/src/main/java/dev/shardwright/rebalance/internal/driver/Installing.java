package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.rebalance.internal.capture.Installation;
import dev.shardwright.rebalance.internal.capture.MovedTable;
import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Puts gates and captures on the tables: on the target first, so that nobody but the mover can
 * write the ranges there by the time its guard lets them pass.
 */
final class Installing implements Phase {
  private final MoveContext context;
  private final TableLocking locking;

  Installing(MoveContext context, TableLocking locking) {
    this.context = context;
    this.locking = locking;
  }

  @Override
  public boolean work() throws SQLException {
    RangeMove move = context.move();
    for (ShardId shard : List.of(move.target(), move.source())) {
      on(shard);
    }
    return true;
  }

  /** The same on one of them. A table that is not there is found missing when rows are to come. */
  void on(ShardId shard) throws SQLException {
    Topology seen = context.topology().read();
    Installation installation = new Installation(context.onShard(context.move(), shard), locking);
    try (Connection connection = context.open(shard)) {
      for (MovedTable table : context.movedTables(seen)) {
        if (TablePresence.isTable(connection, table.name())) {
          installation.install(connection, table, context.guard(seen, table, shard));
        }
      }
    }
  }
}
