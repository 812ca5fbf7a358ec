package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
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
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;

/**
 * A cluster of its own on the shared servers: a database for each shard, each behind a proxy that
 * can spoil the way to it. Keyspace {@code shop} is sharded by a bigint; its tables are {@code
 * users} and {@code orders}.
 */
public final class TestCluster implements AutoCloseable {
  static {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1)); // machines are busy
  }

  public static final ZooKeeperOptions ZOOKEEPER =
      ZooKeeperOptions.DEFAULTS
          .withSessionTimeout(Duration.ofSeconds(6))
          .withConnectDeadline(Duration.ofSeconds(30));

  public static final String APP_PASSWORD = "app-secret";

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String TABLES =
      """
      create table users (user_id bigint primary key, name text not null);
      create table orders (user_id bigint, id bigint, amount int, primary key (user_id, id));
      grant select, insert, update, delete on users, orders to %s;
      """;

  public final String name = "test" + NUMBER.incrementAndGet();
  public final String app = name + "_app";
  public final ClusterAdmin admin;
  private final PostgresServer server;
  private final ZooKeeperServer zookeeper;
  private final ZooKeeperCluster link;
  private final Map<String, FaultProxy> proxies = new TreeMap<>();
  private final List<ShardRouter> routers = new ArrayList<>();
  private final CredentialsProvider credentials;
  private volatile String appPassword = APP_PASSWORD;

  private TestCluster(PostgresServer server, ZooKeeperServer zookeeper) {
    this.server = server;
    this.zookeeper = zookeeper;
    this.credentials =
        (shard, endpoint, role) ->
            role == Role.ADMIN
                ? Credentials.of(server.user(), server.password())
                : Credentials.of(endpoint.user(), appPassword);
    this.link = ZooKeeperCluster.connect(zookeeper.connectString(), name, ZOOKEEPER);
    this.admin =
        new ClusterAdmin(
            link.topologyStore(),
            name,
            (shard, endpoint, role) ->
                role == Role.ADMIN
                    ? Credentials.of(server.user(), server.password())
                    : Credentials.of(endpoint.user(), APP_PASSWORD),
            ClusterAdminOptions.DEFAULTS);
    admin.init();
    try {
      server.createRole(app, APP_PASSWORD);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A cluster with shards s1, s2, … and the keyspace shop over them. */
  public static TestCluster withShards(int shards) {
    return on(PostgresServer.shared(), ZooKeeperServer.shared(), shards);
  }

  /** A cluster without shards and keyspaces. */
  public static TestCluster empty() {
    return new TestCluster(PostgresServer.shared(), ZooKeeperServer.shared());
  }

  /** The same as {@link #withShards}, on servers that a test may stop. */
  public static TestCluster on(PostgresServer server, ZooKeeperServer zookeeper, int shards) {
    TestCluster cluster = new TestCluster(server, zookeeper);
    for (int i = 1; i <= shards; i++) {
      cluster.addShard("s" + i);
    }
    cluster.admin.createKeyspace(NewKeyspace.hash("shop", KeyType.BIGINT));
    cluster.register("shop", "users");
    cluster.register("shop", "orders");
    return cluster;
  }

  public void addShard(String shard) {
    addShard(shard, Region.DEFAULT);
  }

  public void addShard(String shard, Region region) {
    try {
      server.createDatabase(database(shard));
      execute(shard, TABLES.formatted(app));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    FaultProxy proxy = FaultProxy.to(server.host(), server.port());
    proxies.put(shard, proxy);
    String url =
        "jdbc:postgresql://%s:%d/%s".formatted(proxy.host(), proxy.port(), database(shard));
    admin.addShard(Shard.of(ShardId.of(shard), new Endpoint(url, app)).withRegion(region));
  }

  public void register(String keyspace, String table) {
    admin.registerTable(
        keyspace,
        new ShardedTable(new TableName("public", table), Optional.of("user_id"), Optional.empty()));
  }

  /** The options that tests start from. */
  public RouterOptions options() {
    return RouterOptions.DEFAULTS.withCredentials(credentials).withZooKeeper(ZOOKEEPER);
  }

  /** A router that is closed with the cluster. */
  public ShardRouter router() {
    return router(options());
  }

  public ShardRouter router(RouterOptions options) {
    return router(zookeeper.connectString(), options);
  }

  public ShardRouter router(String connectString, RouterOptions options) {
    ShardRouter router = ShardRouter.connect(connectString, name, options);
    routers.add(router);
    return router;
  }

  /** A router under a topology that was changed past the administration. */
  public ShardRouter routerWith(UnaryOperator<Topology> change) {
    Topology next = change.apply(link.topologyStore().read().next());
    assertThat(link.topologyStore().compareAndSet(next)).isInstanceOf(CompareAndSet.Applied.class);
    return router();
  }

  /** Changes the topology past the administration. */
  public Topology change(UnaryOperator<Topology> change) {
    Topology next = change.apply(link.topologyStore().read().next());
    assertThat(link.topologyStore().compareAndSet(next)).isInstanceOf(CompareAndSet.Applied.class);
    return next;
  }

  /** Takes a router off the list of routers, as the end of its session with ZooKeeper does. */
  public void unregister(ShardRouter router) {
    link.unregister(router.health().router());
  }

  /** Ends all sessions of a router on a shard. */
  public void endSessions(ShardRouter router, String shard) throws SQLException {
    execute(
        shard,
        "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and classid = %d and objid = %d"
            .formatted(AdvisoryLocks.ROUTER, router.health().router()));
  }

  /** What routers have said of range moves. */
  public MoveAcknowledgements acknowledgements() {
    return link.acknowledgements();
  }

  public FaultProxy proxy(String shard) {
    return Objects.requireNonNull(proxies.get(shard));
  }

  public Shard shard(String shard) {
    return admin.topology().shard(ShardId.of(shard)).orElseThrow();
  }

  /** Without asking the shard. */
  public void removeFromTopology(String shard) {
    routerWith(topology -> topology.withoutShard(ShardId.of(shard)));
  }

  /** The epoch in force. */
  public Epoch epoch() {
    return admin.topology().epoch();
  }

  /** What the credentials provider gives from now on. */
  public void appPassword(String changed) {
    appPassword = changed;
  }

  public String database(String shard) {
    return name + "_" + shard;
  }

  /** Some keys of keyspace shop that live on that shard, from 1 on. */
  public static List<Long> keysOn(ShardRouter router, String shard, int count) {
    return LongStream.iterate(1, key -> key + 1)
        .filter(key -> router.route("shop", key).shard().value().equals(shard))
        .limit(count)
        .boxed()
        .toList();
  }

  public static long keyOn(ShardRouter router, String shard) {
    return keysOn(router, shard, 1).get(0);
  }

  /** Past the router and the proxy, as superuser. */
  public void execute(String shard, String sql) throws SQLException {
    try (Connection connection = server.connect(database(shard));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Past the router and the proxy, as superuser. */
  public long count(String shard, String sql) throws SQLException {
    try (Connection connection = server.connect(database(shard));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  public void closeRouters() {
    routers.forEach(ShardRouter::close);
    routers.clear();
  }

  @Override
  public void close() {
    proxies.values().forEach(FaultProxy::heal);
    closeRouters();
    admin.close();
    link.close();
    proxies.values().forEach(FaultProxy::close);
  }
}
