package dev.shardwright.router.jdbc;

import dev.shardwright.ShardException;
import dev.shardwright.ring.Strategy;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.internal.jdbc.connection.ShardConnection;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.SessionBegin;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.topology.KeyspaceTopology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.ShardingKey;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The {@link javax.sql.DataSource} of a router, as {@link ShardRouter#dataSource} gives it. Needs
 * no pool around it. Immutable and thread-safe.
 */
public final class RouterDataSource extends ShardingDataSource {
  private final Engine engine;

  /**
   * For the router.
   *
   * @param begin knows what sessions of the shards begin with
   * @param shared whether a proxy shares the sessions of the shards
   */
  public RouterDataSource(
      ShardRouter router,
      Runner runner,
      ScatterEngine scatter,
      Analyzer analyzer,
      SessionBegin begin,
      boolean shared) {
    this.engine =
        new Engine(router, runner, scatter, analyzer, begin, shared, new AtomicReference<>());
  }

  /**
   * A connection that goes to the shards that its statements are about. Connects to none, but for
   * the first of a router that has not connected to any: it has to know what their sessions begin
   * with.
   */
  @Override
  public Connection getConnection() throws SQLException {
    return connection(ConnectionSettings.DEFAULTS, "jdbc:shardwright:", () -> {});
  }

  Connection connection(ConnectionSettings settings, String url, Runnable onClose)
      throws SQLException {
    try {
      return new ShardConnection(
          engine, settings.multiShardWrites(), settings.fetchSize(), url, onClose);
    } catch (SqlRefused e) {
      throw SqlFailures.of(e);
    }
  }

  @Override
  Connection getConnection(ShardingKey key, @Nullable ShardingKey region) throws SQLException {
    return connection(key, region, ConnectionSettings.DEFAULTS, () -> {});
  }

  Connection connection(
      ShardingKey key, @Nullable ShardingKey region, ConnectionSettings settings, Runnable onClose)
      throws SQLException {
    List<Object> path = path(key);
    try {
      Keyspace keyspace =
          engine.router().keyspace(path.size() == 2 ? path.get(0).toString() : onlyKeyspace());
      Optional<String> in = region(region).or(() -> settings.region().map(Object::toString));
      Keyspace within = in.isPresent() ? keyspace.region(in.get()) : keyspace;
      return KeyedConnection.of(
          within.on(path.get(path.size() - 1)).connection(), settings.fetchSize(), onClose);
    } catch (ShardException e) {
      throw SqlFailures.of(e);
    }
  }

  @Override
  ShardingDataSource as(String user, @Nullable String password) throws SQLException {
    throw SqlFailures.wrongCall(
        "a router connects as the users that its credentials provider gives: for others, use a"
            + " jdbc:shardwright URL");
  }

  private String onlyKeyspace() throws SQLException {
    List<String> sharded =
        engine.topology().keyspaces().values().stream()
            .filter(keyspace -> keyspace.strategy() != Strategy.SINGLE)
            .map(KeyspaceTopology::name)
            .toList();
    if (sharded.size() != 1) {
      throw SqlFailures.wrongCall(
          "the cluster has the sharded keyspaces %s: give the name of one as the first subkey"
              .formatted(sharded));
    }
    return sharded.get(0);
  }

  private static Optional<String> region(@Nullable ShardingKey region) throws SQLException {
    if (region == null) {
      return Optional.empty();
    }
    List<Object> path = path(region);
    if (path.size() != 1) {
      throw SqlFailures.wrongCall("a super sharding key is the name of a region, one part");
    }
    return Optional.of(path.get(0).toString());
  }

  private static List<Object> path(ShardingKey key) throws SQLException {
    if (key instanceof KeyPath ours) {
      return ours.subkeys();
    }
    throw SqlFailures.wrongCall(
        "the sharding key was not made by createShardingKeyBuilder() of this driver");
  }
}
