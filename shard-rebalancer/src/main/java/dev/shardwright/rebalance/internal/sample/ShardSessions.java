package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.SQLException;

/** Where the sampling gets its sessions from. */
@FunctionalInterface
public interface ShardSessions {
  /**
   * Opens a session on the shard, in autocommit mode, as a role that may read the tables and is not
   * subject to row security; for the caller to close.
   */
  Connection open(Shard shard) throws SQLException;
}
