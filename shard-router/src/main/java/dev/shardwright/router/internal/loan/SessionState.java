package dev.shardwright.router.internal.loan;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What a session has set that counts on every shard: applied to each connection before its
 * statement, and taken back before the connection returns to its pool. Safe for use by several
 * threads at once.
 */
public interface SessionState {
  /** Nothing was set. */
  SessionState NONE =
      new SessionState() {
        @Override
        public void apply(Connection connection) {}

        @Override
        public void reset(Connection connection) {}
      };

  /** Sets a pooled connection up, in autocommit mode. */
  void apply(Connection connection) throws SQLException;

  /** Makes the connection as it was. Should this fail, the connection is closed. */
  void reset(Connection connection) throws SQLException;
}
