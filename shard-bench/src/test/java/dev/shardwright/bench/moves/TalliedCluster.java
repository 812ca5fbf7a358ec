package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.internal.capture.Inventory;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cluster with one keyspace of any kind. Its table {@code tally} has a row for each key, which is
 * counted up; table {@code mark} has one for each time; table {@code guest} has one now and then.
 * Each row has a region, which says something in keyspaces with regions only.
 */
final class TalliedCluster implements AutoCloseable {
  static final String KEYSPACE = "things";

  /** What all rows have as their region where there are none. */
  static final String EVERYWHERE = Region.ALL.name();

  static final List<String> TABLES = List.of("tally", "mark", "guest");

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String DDL =
      """
      create table tally (
        region text not null, k %1$s not null, n bigint not null, primary key (region, k));
      create table mark (
        region text not null, k %1$s not null, n bigint not null, primary key (region, k, n));
      create table guest (
        region text not null, k %1$s not null, note text, primary key (k, region));
      grant select, insert, update, delete on tally, mark, guest to %2$s;
      """;

  private final String name = KEYSPACE + NUMBER.incrementAndGet();
  private final ZooKeeperServer zooKeeper;
  private final CredentialsProvider access;
  private final String owner;
  private final KeyType keyType;
  private final boolean regional;
  private final ZooKeeperCluster link;
  private final Map<ShardId, TestDatabase> databases = new TreeMap<>();

  /** A row of a table: its key, as the driver reads it, and its number, if it has one. */
  record Found(String region, Object key, long n) {}

  /** Nothing is in it but a keyspace without shards; the superuser owns what comes. */
  TalliedCluster(ZooKeeperServer zooKeeper, KeyType keyType) throws SQLException {
    this(zooKeeper, keyType, false, PostgresAccess.ofThisJvm(), PostgresServer.shared().user());
  }

  /**
   * Has no shards yet.
   *
   * @param regional whether the region of a row says on which ring it is
   * @param access of the service, of movers and of administrators
   * @param owner the role that owns the tables
   */
  TalliedCluster(
      ZooKeeperServer zooKeeper,
      KeyType keyType,
      boolean regional,
      CredentialsProvider access,
      String owner)
      throws SQLException {
    this.zooKeeper = zooKeeper;
    this.keyType = keyType;
    this.regional = regional;
    this.access = access;
    this.owner = owner;
    PostgresAccess.makeRole(PostgresServer.shared());
    try (ClusterAdmin admin = admin()) {
      admin.init();
    }
    this.link = ZooKeeperCluster.connect(zooKeeper.connectString(), name, ServedCluster.ZOOKEEPER);
  }

  /** Of the shards that are there now. */
  void create(NewKeyspace keyspace) {
    try (ClusterAdmin admin = admin()) {
      admin.createKeyspace(keyspace);
      for (String table : TABLES) {
        admin.registerTable(
            KEYSPACE,
            new ShardedTable(
                TableName.of(table),
                Optional.of("k"),
                regional ? Optional.of("region") : Optional.empty()));
      }
    }
  }

  /** A shard without rows. */
  void addShard(String id, Region region) throws SQLException {
    ShardId shard = ShardId.of(id);
    TestDatabase database = PostgresServer.shared().freshDatabase();
    databases.put(shard, database);
    database.execute("alter database %s owner to %s".formatted(database.name(), owner));
    database.execute(
        "set role %s; %s".formatted(owner, DDL.formatted(keyType.sqlName(), PostgresAccess.APP)));
    try (ClusterAdmin admin = admin()) {
      admin.addShard(
          Shard.of(shard, new Endpoint(database.url(), PostgresAccess.APP)).withRegion(region));
    }
  }

  private ClusterAdmin admin() {
    return ClusterAdmin.connect(
        zooKeeper.connectString(),
        name,
        ServedCluster.ZOOKEEPER,
        access,
        ClusterAdminOptions.DEFAULTS);
  }

  /** For the caller to close. */
  ShardRouter router() {
    return ServedCluster.router(zooKeeper.connectString(), name, access);
  }

  /** For the caller to close. */
  Rebalancer rebalancer() {
    return Rebalancer.connect(
        zooKeeper.connectString(),
        name,
        RebalancerOptions.DEFAULTS.withCredentials(access).withZooKeeper(ServedCluster.ZOOKEEPER));
  }

  Topology topology() {
    return link.topologyStore().read();
  }

  /** The region whose ring places the rows of that one. */
  Region ring(String region) {
    return regional ? Region.of(region) : Region.ALL;
  }

  /** Past routers and movers, as superuser. */
  List<Found> rows(String shard, String table) throws SQLException {
    String n = table.equals("guest") ? "0" : "n";
    try (Connection connection = database(ShardId.of(shard)).connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select region, k, %s from %s".formatted(n, table))) {
      List<Found> found = new ArrayList<>();
      while (rows.next()) {
        found.add(
            new Found(rows.getString(1), rows.getObject(2, javaType(keyType)), rows.getLong(3)));
      }
      return found;
    }
  }

  private static Class<?> javaType(KeyType keyType) {
    return switch (keyType) {
      case SMALLINT -> Short.class;
      case INTEGER -> Integer.class;
      case BIGINT -> Long.class;
      case TEXT -> String.class;
      case UUID -> UUID.class;
      case TIMESTAMPTZ -> OffsetDateTime.class;
    };
  }

  List<String> shards() {
    return databases.keySet().stream().map(ShardId::value).toList();
  }

  /** Past routers and movers, as superuser. */
  void execute(String shard, String sql) throws SQLException {
    database(ShardId.of(shard)).execute(sql);
  }

  /** From now on the service is shown the rows of {@link #EVERYWHERE} only. */
  void secure() throws SQLException {
    for (String shard : shards()) {
      for (String table : TABLES) {
        execute(
            shard,
            """
            alter table %1$s enable row level security;
            create policy own on %1$s using (region = current_setting('tally.region', true))
            """
                .formatted(table));
      }
      execute(
          shard,
          "alter role %s in database %s set tally.region = '%s'"
              .formatted(PostgresAccess.APP, database(ShardId.of(shard)).name(), EVERYWHERE));
    }
  }

  /** The owner too is shown nothing any more, unless no policy holds for it. */
  void forcePolicies() throws SQLException {
    for (String shard : shards()) {
      for (String table : TABLES) {
        execute(shard, "alter table %s force row level security".formatted(table));
      }
    }
  }

  /** How many rows the service sees on a shard, past routers. */
  long tallyAsService(String shard) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                database(ShardId.of(shard)).url(), PostgresAccess.APP, PostgresAccess.SECRET);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from tally")) {
      row.next();
      return row.getLong(1);
    }
  }

  void assertNothingIsLeftOf(int migration) throws SQLException {
    assertThat(topology().moves()).isEmpty();
    for (TestDatabase database : databases.values()) {
      try (Connection connection = database.connect()) {
        assertThat(Inventory.of(connection, migration)).isEmpty();
      }
    }
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
