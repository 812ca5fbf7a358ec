package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKey;
import java.sql.ShardingKeyBuilder;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What all data sources over shards have in common. Thread-safe. */
abstract class ShardingDataSource implements DataSource {

  /** A connection to the shard that owns the key, which takes any SQL of PostgreSQL. */
  abstract Connection getConnection(ShardingKey key, @Nullable ShardingKey region)
      throws SQLException;

  /**
   * The same for another user.
   *
   * @throws SQLException if there can be none
   */
  abstract ShardingDataSource as(String user, @Nullable String password) throws SQLException;

  /**
   * A connection as another user; the connections of each user have a router of their own.
   *
   * @param user null for the one that connections without one have, whatever the password
   */
  @Override
  public final Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    return user == null ? getConnection() : as(user, password).getConnection();
  }

  /**
   * For connections to the shard that owns a key, which take any SQL of PostgreSQL. The key is made
   * by {@link #createShardingKeyBuilder}; a super key names the region. The connection is one of
   * the shard's pool, and taken until it is closed.
   */
  @Override
  public final ConnectionBuilder createConnectionBuilder() {
    return new KeyedConnectionBuilder(this);
  }

  /**
   * For the key of a connection: of one part, the key's value, where the cluster has one sharded
   * keyspace; else of two, the keyspace's name and the value. For a super key: the region's name.
   */
  @Override
  public final ShardingKeyBuilder createShardingKeyBuilder() {
    return new KeyPath.Builder();
  }

  /** Ignored: how long connecting may take is said by the router's options. */
  @Override
  public final void setLoginTimeout(int seconds) {}

  @Override
  public final int getLoginTimeout() {
    return 0;
  }

  @Override
  public final @Nullable PrintWriter getLogWriter() {
    return null;
  }

  /** Ignored: logs through slf4j. */
  @Override
  public final void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public final Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("logs through slf4j");
  }

  @Override
  public final <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw SqlFailures.notSupported("the data source wraps no " + type.getName());
  }

  @Override
  public final boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
