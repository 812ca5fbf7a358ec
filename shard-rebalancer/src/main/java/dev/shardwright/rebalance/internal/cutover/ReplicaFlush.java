package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.rebalance.internal.copy.TimeLeft;
import dev.shardwright.rebalance.internal.database.EmptyCommit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/**
 * Whether a standby has what a session has committed: where the primary is lost right after, its
 * rows are not.
 */
final class ReplicaFlush {
  /** Everything that the session has committed is in it. */
  private static final String COMMITTED = "select pg_current_wal_flush_lsn()::text";

  /**
   * Subscribers of logical replication are no standbys, nor are archivers and base backups, which
   * replay nothing. A role that may not see how far standbys are takes any for one that has it: the
   * preflight warns of that.
   */
  private static final String FLUSHED =
      """
      select exists (
        select from pg_stat_replication r
        where (r.state is null or (r.flush_lsn >= ?::pg_lsn and r.replay_lsn is not null))
          and not exists (
            select from pg_replication_slots s
            where s.active_pid = r.pid and s.slot_type = 'logical'))
      """;

  private static final long PAUSE_MILLIS = 1;

  private ReplicaFlush() {}

  /**
   * Waits for the first standby.
   *
   * @param primary a session in autocommit mode
   * @return whether one has flushed in time all that the session has committed before
   */
  static boolean await(Connection primary, TimeLeft left) throws SQLException {
    String committed;
    try (Statement statement = primary.createStatement();
        ResultSet row = statement.executeQuery(COMMITTED)) {
      row.next();
      committed = row.getString(1);
    }
    try (PreparedStatement statement = primary.prepareStatement(FLUSHED)) {
      statement.setString(1, committed);
      while (!holds(statement)) {
        if (left.millis() <= 0) {
          return false;
        }
        pause();
      }
      return true;
    }
  }

  /** The same after a commit of its own, to see how long that takes. */
  static boolean awaitCommit(Connection primary, TimeLeft left) throws SQLException {
    EmptyCommit.on(primary);
    return await(primary, left);
  }

  private static boolean holds(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static void pause() throws SQLException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("this leader is dismissed", "57014", e);
    }
  }
}
