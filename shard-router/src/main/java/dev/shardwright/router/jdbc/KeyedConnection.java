package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.rows.OfConnection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is bound to a key: one of its shard's pool, on which the caller may do whatever
 * a session can. As thread-safe as the connection.
 */
final class KeyedConnection implements InvocationHandler {
  private final Connection connection;
  private final int fetchSize;
  private final Runnable onClose;

  private KeyedConnection(Connection connection, int fetchSize, Runnable onClose) {
    this.connection = connection;
    this.fetchSize = fetchSize;
    this.onClose = onClose;
  }

  /**
   * @param fetchSize of its statements that say none; 0 for what the driver has
   * @param onClose safe to call twice
   */
  static Connection of(Connection connection, int fetchSize, Runnable onClose) {
    return (Connection)
        Proxy.newProxyInstance(
            KeyedConnection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new KeyedConnection(connection, fetchSize, onClose));
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
      default -> OfConnection.of(passOn(method, args), (Connection) proxy);
    };
  }

  private @Nullable Object passOn(Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    try {
      Object result = method.invoke(connection, args);
      if (method.getName().equals("abort")) {
        onClose.run();
      }
      if (fetchSize > 0 && result instanceof Statement statement) {
        statement.setFetchSize(fetchSize);
      }
      return result;
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  private void close() throws SQLException {
    try {
      connection.close();
    } finally {
      onClose.run();
    }
  }
}
