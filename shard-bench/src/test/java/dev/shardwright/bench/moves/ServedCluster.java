package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.internal.capture.Inventory;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A cluster of two shards for services that go through routers: {@code s-1} begins with all rows,
 * {@code s-2} with none. Each account has a version that writers count up, two purses between which
 * they move money, and a tick that writes over all shards count up.
 */
final class ServedCluster implements AutoCloseable {
  static final String KEYSPACE = "bank";
  static final int ACCOUNTS = 300;

  /** What the two purses of each account have together, always. */
  static final long MONEY = 200;

  /** Waits that do not last. */
  static final ZooKeeperOptions ZOOKEEPER =
      ZooKeeperOptions.DEFAULTS
          .withSessionTimeout(Duration.ofSeconds(6))
          .withRequestDeadline(Duration.ofSeconds(4));

  /** Counts the version of an account up. */
  static final String COUNT_UP = "update account set version = version + 1 where id = ?";

  /** How many ids an account has at most. */
  static final int IDS = 500;

  /** The same, and keeps an id for it, and those of the last times before. */
  static final String COUNT_UP_WITH_ID =
      "update account set version = version + 1, ids = array_prepend(?::bigint,"
          + " trim_array(ids, greatest(0, cardinality(ids) - %d))) where id = ?".formatted(IDS - 1);

  private static final Duration CONNECT = Duration.ofMinutes(1);
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String DDL =
      """
      create table account (
        id bigint primary key, version bigint not null, ids bigint[] not null default '{}');
      create table purse (
        account bigint not null, n int not null, amount bigint not null, primary key (account, n));
      create table tick (id bigint primary key, n bigint not null);
      create index on account (pg_catalog.hashint8extended(id, 0));
      create index on purse (pg_catalog.hashint8extended(account, 0), account, n);
      create index on tick (pg_catalog.hashint8extended(id, 0));
      grant select, insert, update, delete on account, purse, tick to %s;
      """;
  private static final String ROWS =
      """
      insert into account select i, 0 from generate_series(1, %1$d) i;
      insert into purse select i, n, %2$d / 2 from generate_series(1, %1$d) i, generate_series(1, 2) n;
      insert into tick select i, 0 from generate_series(1, %1$d) i;
      """;
  private static final Map<String, String> KEYS =
      new TreeMap<>(Map.of("account", "id", "purse", "account", "tick", "id"));

  final String name = "bank" + NUMBER.incrementAndGet();

  /** What a client connects to. */
  final String zooKeeper;

  private final Servers servers;
  private final ZooKeeperCluster link;
  private final Map<ShardId, TestDatabase> databases = new TreeMap<>();

  /**
   * Where the databases are.
   *
   * @param first has that of {@code s-1}
   * @param second has that of {@code s-2}
   * @param way makes of the address {@code host:port} of a server the one in the topology
   */
  record Servers(PostgresServer first, PostgresServer second, UnaryOperator<String> way) {
    PostgresServer of(ShardId shard) {
      return shard.value().equals("s-1") ? first : second;
    }

    String url(TestDatabase database) {
      PostgresServer server = database.server();
      return "jdbc:postgresql://%s/%s"
          .formatted(way.apply(server.host() + ":" + server.port()), database.name());
    }
  }

  /** Its databases are on the server that all tests share. */
  ServedCluster(ZooKeeperServer zooKeeper) throws SQLException {
    this(zooKeeper.connectString());
  }

  /** The same with whichever ZooKeeper it is that clients connect to by that. */
  ServedCluster(String zooKeeper) throws SQLException {
    this(
        zooKeeper,
        new Servers(PostgresServer.shared(), PostgresServer.shared(), UnaryOperator.identity()));
  }

  ServedCluster(String zooKeeper, Servers servers) throws SQLException {
    this.zooKeeper = zooKeeper;
    this.servers = servers;
    PostgresAccess.makeRole(servers.first());
    PostgresAccess.makeRole(servers.second());
    try (ClusterAdmin admin = admin()) {
      admin.init();
      admin.addShard(shard("s-1"));
      admin.createKeyspace(NewKeyspace.hash(KEYSPACE, KeyType.BIGINT));
      KEYS.forEach(
          (table, key) -> admin.registerTable(KEYSPACE, ShardedTable.of(TableName.of(table), key)));
      database(ShardId.of("s-1")).execute(ROWS.formatted(ACCOUNTS, MONEY));
      admin.addShard(shard("s-2"));
    }
    this.link = ZooKeeperCluster.connect(zooKeeper, name, ZOOKEEPER);
  }

  private ClusterAdmin admin() {
    return ClusterAdmin.connect(
        zooKeeper, name, ZOOKEEPER, PostgresAccess.ofThisJvm(), ClusterAdminOptions.DEFAULTS);
  }

  /** A table that every shard has whole, empty at first. */
  void addReferenceTable(String table, String columns) throws SQLException {
    for (TestDatabase database : databases.values()) {
      database.execute("create table %s (%s)".formatted(table, columns));
      database.execute(
          "grant select, insert, update, delete on %s to %s".formatted(table, PostgresAccess.APP));
    }
    try (ClusterAdmin admin = admin()) {
      admin.registerReferenceTable(TableName.of(table));
    }
  }

  private Shard shard(String id) throws SQLException {
    ShardId shard = ShardId.of(id);
    TestDatabase database = servers.of(shard).freshDatabase();
    database.execute(DDL.formatted(PostgresAccess.APP));
    databases.put(shard, database);
    return Shard.of(shard, new Endpoint(servers.url(database), PostgresAccess.APP));
  }

  /** A router of its own, for the caller to close. */
  ShardRouter router() {
    return router(zooKeeper);
  }

  /** One that comes to ZooKeeper by another way. */
  ShardRouter router(String connectString) {
    return router(connectString, name, PostgresAccess.ofThisJvm());
  }

  static ShardRouter router(String connectString, String cluster, CredentialsProvider access) {
    return ShardRouter.connect(
        connectString,
        cluster,
        RouterOptions.DEFAULTS.withCredentials(access).withZooKeeper(ZOOKEEPER));
  }

  /** Connects a process that starts at a moment at which ZooKeeper may be away. */
  static <T> T connected(Callable<T> connect) {
    return await()
        .atMost(CONNECT)
        .ignoreExceptionsInstanceOf(TopologyUnavailable.class)
        .until(connect, made -> true);
  }

  /** A JDBC URL of the cluster, where writes over several shards are allowed. */
  String jdbcUrl() {
    return "jdbc:shardwright://%s/%s?user=%s&password=%s&multiShardWrites=per-shard"
        .formatted(zooKeeper, name, PostgresAccess.APP, PostgresAccess.SECRET);
  }

  Rebalancer rebalancer() {
    return rebalancer(zooKeeper);
  }

  /** One that comes to ZooKeeper by another way. */
  Rebalancer rebalancer(String connectString) {
    return rebalancer(connectString, ZOOKEEPER);
  }

  private Rebalancer rebalancer(String connectString, ZooKeeperOptions options) {
    return Rebalancer.connect(
        connectString,
        name,
        RebalancerOptions.DEFAULTS
            .withCredentials(PostgresAccess.ofThisJvm())
            .withZooKeeper(options));
  }

  /** One that bears with a slow ZooKeeper. */
  Rebalancer patientRebalancer(String connectString) {
    return rebalancer(connectString, ZooKeeperOptions.DEFAULTS);
  }

  /** One that bears with a slow ZooKeeper. */
  ShardRouter patientRouter(String connectString) {
    return ShardRouter.connect(
        connectString, name, RouterOptions.DEFAULTS.withCredentials(PostgresAccess.ofThisJvm()));
  }

  Topology topology() {
    return link.topologyStore().read();
  }

  ShardId ownerOfToken(long token) {
    return topology().keyspace(KEYSPACE).orElseThrow().placement(Region.ALL).ownerOf(token);
  }

  ShardId ownerOf(Topology topology, long key) {
    KeyspaceTopology bank = topology.keyspace(KEYSPACE).orElseThrow();
    return bank.placement(Region.ALL).ownerOf(bank.tokenFunction().tokenOf(key));
  }

  /** The numbers of the routers that have acknowledged what a move asks of them. */
  Set<Integer> acknowledged(RangeMove move) {
    return link.acknowledgements().of(MoveAcknowledgements.Subject.of(move));
  }

  /** Past routers and movers, as superuser. */
  Connection connect(ShardId shard) throws SQLException {
    return database(shard).connect();
  }

  /** Past routers and movers, as superuser. */
  List<Long> read(ShardId shard, String sql) throws SQLException {
    List<Long> values = new ArrayList<>();
    try (Connection connection = database(shard).connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getLong(1));
      }
    }
    return values;
  }

  /** Past routers and movers, as superuser. */
  void execute(ShardId shard, String sql) throws SQLException {
    database(shard).execute(sql);
  }

  /** Each row is where the topology says and nowhere else, and nothing is left of a migration. */
  void checkPlaces(int migration) throws SQLException {
    Topology topology = topology();
    assertThat(topology.moves()).isEmpty();
    for (Map.Entry<String, String> table : KEYS.entrySet()) {
      List<Long> all = new ArrayList<>();
      for (ShardId shard : databases.keySet()) {
        List<Long> keys =
            read(shard, "select %s from %s".formatted(table.getValue(), table.getKey()));
        assertThat(keys)
            .as("%s on %s", table.getKey(), shard)
            .allMatch(key -> ownerOf(topology, key).equals(shard));
        all.addAll(keys);
      }
      assertThat(all)
          .as(table.getKey())
          .hasSize(ACCOUNTS * (table.getKey().equals("purse") ? 2 : 1));
      assertThat(new TreeSet<>(all)).as(table.getKey()).hasSize(ACCOUNTS);
    }
    for (TestDatabase database : databases.values()) {
      try (Connection connection = database.connect()) {
        assertThat(Inventory.of(connection, migration)).isEmpty();
      }
    }
  }

  /** The versions of all accounts, or the ticks, by key; no key twice. */
  Map<Long, Long> values(String sql) throws SQLException {
    Map<Long, Long> values = new TreeMap<>();
    for (TestDatabase database : databases.values()) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          assertThat(values.put(rows.getLong(1), rows.getLong(2))).isNull();
        }
      }
    }
    return values;
  }

  private TestDatabase database(ShardId shard) {
    return Objects.requireNonNull(databases.get(shard), shard.value());
  }

  @Override
  public void close() throws SQLException {
    link.close();
    for (TestDatabase database : databases.values()) {
      database.close();
    }
  }
}
