package dev.shardwright.router.jdbc;

import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** Connections of a router's own data source that may write to several shards at once. */
public final class PerShardWrites {
  private PerShardWrites() {}

  public static Connection through(ShardRouter router) throws SQLException {
    ConnectionSettings settings =
        ConnectionSettings.of(Map.of(ConnectionProperty.MULTI_SHARD_WRITES, "per-shard"));
    return ((RouterDataSource) router.dataSource()).connection(settings, "test", () -> {});
  }
}
