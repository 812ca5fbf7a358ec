package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** Looks at each table on both shards. */
interface TableCheck extends Check {
  @Override
  default void look(IntendedMove move, Findings findings) throws SQLException {
    for (Side side : move.sides()) {
      for (ShardedTable table : move.tables()) {
        look(side, table, findings);
      }
    }
  }

  /** Adds what it finds about one table on one shard. */
  void look(Side side, ShardedTable table, Findings findings) throws SQLException;
}
