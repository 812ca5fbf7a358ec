package dev.shardwright.router.internal.pool;

import com.google.common.reflect.AbstractInvocationHandler;
import com.google.common.reflect.Reflection;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The {@link DataSource} that a HikariCP pool opens its connections from. Thread-safe. */
final class EndpointDataSource implements DataSource {
  private final Connector connector;
  private final FailFast failFast;
  private final Duration connectTimeout;
  private volatile boolean isolationAsked;

  EndpointDataSource(Connector connector, FailFast failFast, Duration connectTimeout) {
    this.connector = connector;
    this.failFast = failFast;
    this.connectTimeout = connectTimeout;
  }

  @Override
  public Connection getConnection() throws SQLException {
    try {
      Connection connection = connector.connect();
      failFast.connected();
      return isolationAsked ? connection : tellingIsolation(connection);
    } catch (NoConnection failure) {
      failFast.failed(failure);
      throw failure;
    }
  }

  /**
   * HikariCP asks its first connection for the isolation level. If that is lost meanwhile, it takes
   * the level to be -1, asks no other, and cannot set up any connection for as long as the pool
   * lives (issues 887 and 1944 of HikariCP). Here the answer is known without asking.
   */
  private Connection tellingIsolation(Connection connection) {
    int level = connector.defaults().isolation().number();
    return Reflection.newProxy(
        Connection.class,
        new AbstractInvocationHandler() {
          @Override
          protected @Nullable Object handleInvocation(
              Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
            if (!isolationAsked && method.getName().equals("getTransactionIsolation")) {
              isolationAsked = true;
              return level;
            }
            try {
              return method.invoke(connection, arguments);
            } catch (InvocationTargetException e) {
              throw e.getTargetException();
            }
          }
        });
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("credentials come from the credentials provider");
  }

  /** How long the pool, when it is closed, waits for a connection that is being opened. */
  @Override
  public int getLoginTimeout() {
    return Math.toIntExact(Math.max(1, connectTimeout.toSeconds()));
  }

  /** Ignored: the time to connect is not the time that a caller waits. */
  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("logs through slf4j");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
