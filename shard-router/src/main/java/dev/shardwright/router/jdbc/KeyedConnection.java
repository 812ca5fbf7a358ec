package dev.shardwright.router.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is bound to a key: one of its shard's pool, on which the caller may do whatever
 * a session can. When it is closed, it goes back to the pool only if the session is as it was. As
 * thread-safe as the connection.
 */
final class KeyedConnection implements InvocationHandler {
  private static final Logger log = LoggerFactory.getLogger(KeyedConnection.class);

  /**
   * Marks a session that holds something that another borrower must not find: the connection's
   * owner closes one whose name was changed. Advisory locks whose first key begins with "SW" are
   * the router's own.
   */
  private static final String MARK_IF_CHANGED =
      """
      select set_config('application_name', 'shardwright session to be closed', false)
       where pg_my_temp_schema() <> 0
          or exists (select from pg_listening_channels())
          or exists (select from pg_cursors where is_holdable)
          or exists (select from pg_prepared_statements where from_sql)
          or exists (select from pg_locks
                      where pid = pg_backend_pid() and locktype = 'advisory' and granted
                        and not (objsubid = 2 and classid::bigint >> 16 = 21335))
          or exists (select from pg_settings
                      where source = 'session'
                        and name not in ('statement_timeout', 'default_transaction_isolation',
                                         'default_transaction_read_only'))
          or current_user <> session_user
      """;

  private final Connection connection;
  private final Runnable onClose;

  private KeyedConnection(Connection connection, Runnable onClose) {
    this.connection = connection;
    this.onClose = onClose;
  }

  /**
   * @param onClose safe to call twice
   */
  static Connection of(Connection connection, Runnable onClose) {
    return (Connection)
        Proxy.newProxyInstance(
            KeyedConnection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new KeyedConnection(connection, onClose));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    return switch (method.getName()) {
      case "equals" -> args != null && proxy == args[0];
      case "close" -> {
        close();
        yield null;
      }
      default -> passOn(method, args);
    };
  }

  private @Nullable Object passOn(Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    try {
      return method.invoke(connection, args);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    } finally {
      if (method.getName().equals("abort")) {
        onClose.run();
      }
    }
  }

  private void close() throws SQLException {
    try (connection) {
      if (!connection.isClosed()) {
        markIfChanged();
      }
    } finally {
      onClose.run();
    }
  }

  private void markIfChanged() {
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
      try (Statement statement = connection.createStatement()) {
        if (isInTransaction()) {
          statement.execute("rollback");
        }
        statement.execute(MARK_IF_CHANGED);
      }
    } catch (SQLException e) {
      log.debug("a session could not be looked at before it goes back to its pool", e);
    }
  }

  /** Begun in SQL, behind the driver's back. */
  private boolean isInTransaction() throws SQLException {
    return connection.unwrap(PgConnection.class).getTransactionState() != TransactionState.IDLE;
  }
}
