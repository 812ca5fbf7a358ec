package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.ShardingKey;
import org.jspecify.annotations.Nullable;

/** Collects what a connection is to be. Used by one thread. */
final class KeyedConnectionBuilder implements ConnectionBuilder {
  private final ShardingDataSource source;
  private @Nullable String user;
  private @Nullable String password;
  private @Nullable ShardingKey key;
  private @Nullable ShardingKey region;

  KeyedConnectionBuilder(ShardingDataSource source) {
    this.source = source;
  }

  @Override
  public ConnectionBuilder user(@Nullable String user) {
    this.user = user;
    return this;
  }

  @Override
  public ConnectionBuilder password(@Nullable String password) {
    this.password = password;
    return this;
  }

  @Override
  public ConnectionBuilder shardingKey(@Nullable ShardingKey key) {
    this.key = key;
    return this;
  }

  @Override
  public ConnectionBuilder superShardingKey(@Nullable ShardingKey region) {
    this.region = region;
    return this;
  }

  @Override
  public Connection build() throws SQLException {
    ShardingDataSource of = user == null ? source : source.as(user, password);
    if (key == null) {
      if (region != null) {
        throw SqlFailures.wrongCall("a super sharding key alone says no shard: give a key too");
      }
      return of.getConnection();
    }
    return of.getConnection(key, region);
  }
}
