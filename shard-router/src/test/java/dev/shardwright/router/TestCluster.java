package dev.shardwright.router;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/**
 * A cluster of its own on the shared servers: a database for each shard, each behind a proxy that
 * can spoil the way to it. Keyspace {@code shop} is sharded by a bigint; its tables are {@code
 * users} and {@code orders}.
 */
final class TestCluster implements AutoCloseable {
  static final ZooKeeperOptions ZOOKEEPER =
      ZooKeeperOptions.DEFAULTS
          .withSessionTimeout(Duration.ofSeconds(2))
          .withConnectDeadline(Duration.ofSeconds(2));

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String TABLES =
      """
      create table users (user_id bigint primary key, name text not null);
      create table orders (user_id bigint, id bigint, amount int, primary key (user_id, id));
      grant select, insert, update, delete on users, orders to app;
      """;

  final String name = "test" + NUMBER.incrementAndGet();
  final ClusterAdmin admin;
  private final PostgresServer server;
  private final Map<String, FaultProxy> proxies = new TreeMap<>();
  private final List<ShardRouter> routers = new ArrayList<>();
  private final CredentialsProvider credentials;
  private volatile String appPassword = Servers.APP_PASSWORD;

  private TestCluster(PostgresServer server) {
    this.server = server;
    this.credentials =
        (shard, endpoint, role) ->
            role == Role.ADMIN
                ? Credentials.of(server.user(), server.password())
                : Credentials.of(endpoint.user(), appPassword);
    this.admin =
        new ClusterAdmin(
            ZooKeeperCluster.connect(Servers.ZOOKEEPER.connectString(), name, ZOOKEEPER)
                .topologyStore(),
            name,
            credentials,
            ClusterAdminOptions.DEFAULTS);
    admin.init();
  }

  /** A cluster with shards s1, s2, … and the keyspace shop over them. */
  static TestCluster withShards(int shards) {
    return onServer(Servers.POSTGRES, shards);
  }

  /** A cluster on a server of its own, which a test may kill. */
  static TestCluster onServer(PostgresServer server, int shards) {
    TestCluster cluster = new TestCluster(server);
    for (int i = 1; i <= shards; i++) {
      cluster.addShard("s" + i);
    }
    cluster.admin.createKeyspace(NewKeyspace.hash("shop", KeyType.BIGINT));
    cluster.register("shop", "users");
    cluster.register("shop", "orders");
    return cluster;
  }

  void addShard(String shard) {
    try {
      server.createDatabase(database(shard));
      execute(shard, TABLES);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    FaultProxy proxy = FaultProxy.to(server.host(), server.port());
    proxies.put(shard, proxy);
    String url =
        "jdbc:postgresql://%s:%d/%s".formatted(proxy.host(), proxy.port(), database(shard));
    admin.addShard(Shard.of(ShardId.of(shard), new Endpoint(url, Servers.APP)));
  }

  void register(String keyspace, String table) {
    admin.registerTable(
        keyspace,
        new ShardedTable(new TableName("public", table), Optional.of("user_id"), Optional.empty()));
  }

  /** The options that tests start from. */
  RouterOptions options() {
    return RouterOptions.DEFAULTS.withCredentials(credentials).withZooKeeper(ZOOKEEPER);
  }

  /** A router that is closed with the cluster. */
  ShardRouter router() {
    return router(options());
  }

  ShardRouter router(RouterOptions options) {
    ShardRouter router = ShardRouter.connect(Servers.ZOOKEEPER.connectString(), name, options);
    routers.add(router);
    return router;
  }

  FaultProxy proxy(String shard) {
    return Objects.requireNonNull(proxies.get(shard));
  }

  Topology topology() {
    return admin.topology();
  }

  /** What the credentials provider gives from now on. */
  void appPassword(String changed) {
    appPassword = changed;
  }

  CredentialsProvider credentials() {
    return credentials;
  }

  String database(String shard) {
    return name + "_" + shard;
  }

  /** Some keys of keyspace shop that live on that shard, from 1 on. */
  static List<Long> keysOn(ShardRouter router, String shard, int count) {
    return LongStream.iterate(1, key -> key + 1)
        .filter(key -> router.route("shop", key).shard().value().equals(shard))
        .limit(count)
        .boxed()
        .toList();
  }

  static long keyOn(ShardRouter router, String shard) {
    return keysOn(router, shard, 1).get(0);
  }

  /** Past the router and the proxy, as superuser. */
  void execute(String shard, String sql) throws SQLException {
    try (Connection connection = server.connect(database(shard));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Past the router and the proxy, as superuser. */
  long count(String shard, String sql) throws SQLException {
    try (Connection connection = server.connect(database(shard));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public void close() {
    proxies.values().forEach(FaultProxy::heal);
    routers.forEach(ShardRouter::close);
    admin.close();
    proxies.values().forEach(FaultProxy::close);
  }
}
