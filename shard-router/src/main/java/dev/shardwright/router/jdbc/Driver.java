package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.connection.ProductVersion;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Arrays;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The JDBC driver of {@code jdbc:shardwright://host:port,host:port/cluster?property=value&…}, where
 * the hosts are ZooKeeper's; the properties are those of {@link ConnectionProperty}. {@link
 * DriverManager} finds it by itself. Thread-safe.
 *
 * <p>All connections of one URL and the same properties share a router, which is closed 60 seconds
 * after the last of them.
 */
public final class Driver implements java.sql.Driver {
  static {
    try {
      DriverManager.registerDriver(new Driver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Made by {@link DriverManager}, and by pools. */
  public Driver() {}

  /**
   * {@inheritDoc}
   *
   * @return null if the URL is another driver's
   */
  @Override
  public @Nullable Connection connect(String url, Properties info) throws SQLException {
    return acceptsURL(url) ? new ShardwrightDataSource(url, info).getConnection() : null;
  }

  @Override
  public boolean acceptsURL(String url) throws SQLException {
    if (url == null) {
      throw SqlFailures.wrongCall("the URL is null");
    }
    return ConnectionUrl.isOurs(url);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return Arrays.stream(ConnectionProperty.values())
        .map(property -> info(property, info))
        .toArray(DriverPropertyInfo[]::new);
  }

  private static DriverPropertyInfo info(ConnectionProperty property, @Nullable Properties given) {
    String value = given == null ? null : given.getProperty(property.key());
    DriverPropertyInfo info = new DriverPropertyInfo(property.key(), value);
    info.description = property.description();
    if (!property.choices().isEmpty()) {
      info.choices = property.choices().toArray(String[]::new);
    }
    return info;
  }

  @Override
  public int getMajorVersion() {
    return ProductVersion.MAJOR;
  }

  @Override
  public int getMinorVersion() {
    return ProductVersion.MINOR;
  }

  /** False: among others, stored procedures are not called through {@code CallableStatement}. */
  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("logs through slf4j");
  }
}
