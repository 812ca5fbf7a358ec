package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.rebalance.internal.capture.Inventory;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
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
import java.util.TreeMap;

/**
 * A cluster with real databases and a real ZooKeeper: table {@code account} of keyspace {@code
 * bank}, each row with the number of times it was incremented, and table {@code entry} with a row
 * for each increment.
 */
final class LiveCluster implements AutoCloseable {
  private static final String DDL =
      """
      create table account (id bigint primary key, increments bigint not null default 0, note text);
      create table entry (account bigint not null, n bigint not null, primary key (account, n));
      create index on account (pg_catalog.hashint8extended(id, 0));
      """;

  static final String NAME = "live";

  /** So that a leader that died is missed soon. */
  static final RebalancerOptions OPTIONS =
      RebalancerOptions.DEFAULTS.withZooKeeper(
          ZooKeeperOptions.DEFAULTS.withSessionTimeout(Duration.ofSeconds(1)));

  final String zooKeeper;
  final ZooKeeperCluster cluster;
  final int accounts;
  private final Sites sites;
  private final Map<ShardId, TestDatabase> databases = new TreeMap<>();

  /** With one shard, {@code s-1}, that has all rows, and an empty one, {@code s-2}. */
  LiveCluster(int accounts) throws SQLException {
    this(accounts, Sites.shared());
  }

  /** The same on these servers. */
  LiveCluster(int accounts, Sites sites) throws SQLException {
    this.accounts = accounts;
    this.sites = sites;
    this.zooKeeper = sites.zooKeeper();
    try (ClusterAdmin admin =
        ClusterAdmin.connect(
            zooKeeper,
            NAME,
            ZooKeeperOptions.DEFAULTS,
            credentials(),
            ClusterAdminOptions.DEFAULTS)) {
      admin.init();
      admin.addShard(shard("s-1"));
      admin.createKeyspace(NewKeyspace.hash("bank", KeyType.BIGINT));
      admin.registerTable("bank", ShardedTable.of(TableName.of("account"), "id"));
      admin.registerTable("bank", ShardedTable.of(TableName.of("entry"), "account"));
      execute(
          "s-1",
          "insert into account select i, 0, repeat('x', 100) from generate_series(1, %d) i"
              .formatted(accounts));
      execute("s-1", "analyze account");
      admin.addShard(shard("s-2"));
    }
    cluster = ZooKeeperCluster.connect(zooKeeper, NAME);
  }

  CredentialsProvider credentials() {
    return (shard, endpoint, role) -> {
      TestDatabase database = database(shard);
      return Credentials.of(database.user(), database.password());
    };
  }

  RebalancerOptions options() {
    return RebalancerOptions.DEFAULTS.withCredentials(credentials());
  }

  Rebalancer rebalancer() {
    return rebalancer(options());
  }

  Rebalancer rebalancer(RebalancerOptions options) {
    return Rebalancer.connect(zooKeeper, NAME, options);
  }

  Topology topology() {
    return cluster.topologyStore().read();
  }

  /** The shard that the topology gives a key to. */
  ShardId ownerOf(Topology topology, long key) {
    KeyspaceTopology bank = topology.keyspace("bank").orElseThrow();
    return bank.placement(Region.ALL).ownerOf(bank.tokenFunction().tokenOf(key));
  }

  Connection connect(ShardId shard) throws SQLException {
    return database(shard).connect();
  }

  /**
   * Each account is where the topology says and nowhere else, has been incremented exactly as often
   * as was acknowledged (or once more where that is not known), and has an entry for each time.
   */
  void check(Map<Long, Long> acknowledged, Map<Long, Long> unknown) throws SQLException {
    Topology topology = topology();
    Map<Long, Long> found = new TreeMap<>();
    for (ShardId shard : databases.keySet()) {
      try (Connection connection = connect(shard);
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "select id, increments, (select count(*) from entry where account = id)"
                      + " from account order by id")) {
        while (rows.next()) {
          long id = rows.getLong(1);
          assertThat(ownerOf(topology, id)).as("owner of account %s", id).isEqualTo(shard);
          assertThat(found.put(id, rows.getLong(2))).as("account %s twice", id).isNull();
          assertThat(rows.getLong(3)).as("entries of %s", id).isEqualTo(rows.getLong(2));
        }
      }
    }
    assertThat(found).hasSize(accounts);
    found.forEach(
        (id, increments) -> {
          long least = acknowledged.getOrDefault(id, 0L);
          assertThat(increments)
              .as("increments of account %s", id)
              .isBetween(least, least + unknown.getOrDefault(id, 0L));
        });
  }

  /** What is left of a migration on any shard, for people. */
  List<String> leftOvers(int migration) throws SQLException {
    List<String> found = new ArrayList<>();
    for (ShardId shard : databases.keySet()) {
      try (Connection connection = connect(shard)) {
        Inventory.of(connection, migration).forEach(line -> found.add(shard + ": " + line));
      }
    }
    return found;
  }

  /** How many sessions movers of a migration have on all shards. */
  long moverSessions(int migration) throws SQLException {
    String name = new MoverIdentity(migration, 0).applicationName();
    long sessions = 0;
    for (ShardId shard : databases.keySet()) {
      sessions +=
          count(
              shard.value(),
              "pg_stat_activity where application_name = '%s' and datname = current_database()"
                  .formatted(name));
    }
    return sessions;
  }

  long count(String shard, String table) throws SQLException {
    try (Connection connection = connect(ShardId.of(shard));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  void execute(String shard, String sql) throws SQLException {
    database(ShardId.of(shard)).execute(sql);
  }

  @Override
  public void close() throws SQLException {
    cluster.close();
    for (TestDatabase database : databases.values()) {
      database.close();
    }
  }

  private Shard shard(String id) throws SQLException {
    ShardId shard = ShardId.of(id);
    TestDatabase database = sites.server(shard).freshDatabase();
    databases.put(shard, database);
    database.execute(DDL);
    String url = sites.url(database.server(), database.name());
    return Shard.of(shard, new Endpoint(url, database.user()));
  }

  private TestDatabase database(ShardId shard) {
    return Objects.requireNonNull(databases.get(shard), shard.value());
  }
}
