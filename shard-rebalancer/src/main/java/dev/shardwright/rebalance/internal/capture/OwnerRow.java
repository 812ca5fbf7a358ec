package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The row that names the mover of a migration in a database. Its token only grows; each transaction
 * of the mover has it locked in shared mode. It goes with the migration; a register of the newest
 * token stays, so that a late mover does not come back after that.
 */
public final class OwnerRow {
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /**
   * Process ids are used again: a session is meant only if it began before this one did, which is
   * the first that the new mover has here.
   */
  private static final String TERMINATE =
      """
      select pg_terminate_backend(a.pid, ?)
        from pg_stat_activity a
        join pg_stat_activity mine on mine.pid = pg_backend_pid()
        where a.application_name = ? and a.datname = current_database()
        and a.pid <> mine.pid and a.backend_start <= mine.backend_start
      """;

  private static final String TAKE = "select shardwright.take_over(?, ?)";

  private static final String NEWEST = "select last_value from shardwright.newest_mover";

  private OwnerRow() {}

  /**
   * Makes this the mover, also for the first time. Ends the sessions of an earlier one and sees
   * them gone; what they had not committed is undone then, and they cannot begin anything new.
   *
   * @param connection in autocommit mode; the first session that this mover has here
   * @param patience how long to try
   * @throws SQLException with SQLSTATE {@link SqlStates#MOVER_SUPERSEDED} if a later one is there,
   *     or has been there for whatever migration; nothing was changed then
   */
  public static void takeOver(Connection connection, MoverIdentity mover, Duration patience)
      throws SQLException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      refuseIfSuperseded(connection, mover);
      try {
        terminateEarlier(connection, mover, patience);
        take(connection, mover);
        return;
      } catch (SQLException e) {
        // A transaction of the old mover that began after its sessions were looked for.
        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
  }

  /** Before anybody's session is ended; whether it is so still, the database looks itself. */
  private static void refuseIfSuperseded(Connection connection, MoverIdentity mover)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NEWEST);
        ResultSet row = statement.executeQuery()) {
      row.next();
      long newest = row.getLong(1);
      if (newest > mover.token()) {
        throw new SQLException(
            "a mover with token %d has been here, this one of migration %d has token %d"
                .formatted(newest, mover.migration(), mover.token()),
            SqlStates.MOVER_SUPERSEDED);
      }
    }
  }

  private static void terminateEarlier(
      Connection connection, MoverIdentity mover, Duration patience) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TERMINATE)) {
      statement.setLong(1, patience.toMillis());
      statement.setString(2, mover.applicationName());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (!rows.getBoolean(1)) {
            throw new SQLException(
                "a session of the earlier mover of migration %d did not end within %s"
                    .formatted(mover.migration(), patience),
                LOCK_NOT_AVAILABLE);
          }
        }
      }
    }
  }

  private static void take(Connection connection, MoverIdentity mover) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
      statement.setInt(1, mover.migration());
      statement.setLong(2, mover.token());
      statement.execute();
    }
  }
}
