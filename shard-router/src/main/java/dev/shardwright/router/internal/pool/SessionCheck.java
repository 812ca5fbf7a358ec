package dev.shardwright.router.internal.pool;

import dev.shardwright.internal.schema.AdvisoryLocks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Tells whether a session on which somebody could do anything is still as it was when it was
 * opened, and makes it so where nobody can tell, so that the next borrower finds nothing of the one
 * before.
 */
final class SessionCheck {
  /**
   * Everything that DISCARD ALL would take away, and what it would take away of the router's own,
   * which has to be there still: its lock, by which movers know the session, and the timeout.
   * Isolation and read-only are the pool's to restore, or were those of a transaction that is over.
   * An index of pg_depend finds what is in the temporary schema, which stays itself once it was
   * used.
   */
  private static final String IS_CHANGED =
      """
      select current_user <> session_user
          or session_user <> ?
          or exists (select from pg_listening_channels())
          or exists (select from pg_depend
                      where refclassid = 'pg_namespace'::regclass
                        and refobjid = pg_my_temp_schema())
          or exists (select from pg_cursors where is_holdable)
          or exists (select from pg_prepared_statements where from_sql)
          or (select count(*) <> 1 or not bool_and(objsubid = 2 and classid::bigint = ?)
                from pg_locks
               where pid = pg_backend_pid() and locktype = 'advisory' and granted)
          or exists (select from pg_settings
                      where case name
                            when 'statement_timeout' then setting <> ?
                            else source = 'session'
                             and name not in ('default_transaction_isolation',
                                              'default_transaction_read_only',
                                              'transaction_isolation', 'transaction_read_only',
                                              'transaction_deferrable')
                            end)
      """;

  /**
   * No catalog shows the settings of the application's own, such as {@code app.tenant}, so they are
   * reset whether there are any or not; and the timeout that the router had set with them.
   */
  private static final String RESET = "reset all; select set_config('statement_timeout', ?, false)";

  private SessionCheck() {}

  /**
   * One round trip, in a transaction of its own. Of a session that is not changed, the settings are
   * those that it began with afterwards.
   *
   * @param connection outside transactions, in autocommit mode
   * @param statement the timeout that the session began with
   */
  static boolean isChanged(Connection connection, Duration statement) throws SQLException {
    String millis = Long.toString(statement.toMillis());
    try (PreparedStatement check = connection.prepareStatement(IS_CHANGED + ";" + RESET)) {
      check.setString(1, connection.getMetaData().getUserName());
      check.setLong(2, AdvisoryLocks.ROUTER);
      check.setString(3, millis);
      check.setString(4, millis);
      check.execute();
      try (ResultSet rows = check.getResultSet()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }
}
