package dev.shardwright.bench.compare;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A cluster of real servers with a table of accounts. */
public final class BenchCluster implements AutoCloseable {
  public static final String NAME = "bench";
  public static final String KEYSPACE = "bank";

  /** How many accounts there are where it is measured in earnest. */
  public static final int ACCOUNTS = 100_000;

  private final int accounts;
  private final ZooKeeperServer zooKeeper = ZooKeeperServer.start();
  private final List<PostgresServer> shards = new ArrayList<>();

  private BenchCluster(int accounts) {
    this.accounts = accounts;
  }

  /** Starts the servers for {@value #ACCOUNTS} accounts. */
  static BenchCluster start(int shards) throws SQLException {
    return start(shards, ACCOUNTS);
  }

  /** Starts the servers; the table for so many accounts is registered and still empty. */
  public static BenchCluster start(int shards, int accounts) throws SQLException {
    BenchCluster cluster = new BenchCluster(accounts);
    try {
      for (int i = 0; i < shards; i++) {
        PostgresServer server = PostgresServer.start();
        cluster.shards.add(server);
        server.execute(
            "create table accounts (account_id bigint primary key, owner text not null, balance"
                + " numeric(12, 2) not null)");
      }
      cluster.setUp();
      return cluster;
    } catch (SQLException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void setUp() {
    try (ClusterAdmin admin = admin()) {
      admin.init();
      for (int i = 0; i < shards.size(); i++) {
        PostgresServer server = shards.get(i);
        admin.addShard(Shard.of(shard(i), new Endpoint(server.url(), server.user())));
      }
      admin.createKeyspace(NewKeyspace.hash(KEYSPACE, KeyType.BIGINT));
      admin.registerTable(KEYSPACE, ShardedTable.of(TableName.of("accounts"), "account_id"));
    }
  }

  /** An administration of the cluster, to be closed by the caller. */
  ClusterAdmin admin() {
    return ClusterAdmin.connect(
        zooKeeper(), NAME, ZooKeeperOptions.DEFAULTS, credentials(), ClusterAdminOptions.DEFAULTS);
  }

  public String zooKeeper() {
    return zooKeeper.connectString();
  }

  /** How many there are once they are loaded: their keys are below that, from 0 on. */
  public int accounts() {
    return accounts;
  }

  public List<PostgresServer> servers() {
    return shards;
  }

  static ShardId shard(int index) {
    return ShardId.of("s" + index);
  }

  static int index(ShardId shard) {
    return Integer.parseInt(shard.value().substring(1));
  }

  public CredentialsProvider credentials() {
    return (shard, endpoint, role) ->
        Credentials.of(shards.get(0).user(), shards.get(0).password());
  }

  @Override
  public void close() {
    shards.forEach(PostgresServer::close);
    zooKeeper.close();
  }
}
