package dev.shardwright.router.internal.pool;

import java.io.PrintWriter;
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
      return connection;
    } catch (NoConnection failure) {
      failFast.failed(failure);
      throw failure;
    }
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
