package dev.shardwright.examples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers of the demo: one ZooKeeper, and a PostgreSQL for each shard, each with a database
 * that the app role owns.
 */
final class DemoServers implements AutoCloseable {
  static final String CLUSTER = "quickstart";
  static final String DATABASE = "app";
  static final String APP_USER = "app";
  static final String APP_PASSWORD = "app-secret";

  private final ZooKeeperServer zooKeeper;
  private final Map<ShardId, PostgresServer> shards =
      Collections.synchronizedMap(new LinkedHashMap<>());

  private DemoServers(ZooKeeperServer zooKeeper) {
    this.zooKeeper = zooKeeper;
  }

  /** Starts them; what was started is stopped again if one fails. */
  static DemoServers start(int shards) throws SQLException {
    DemoServers servers = new DemoServers(ZooKeeperServer.start());
    try {
      for (int i = 1; i <= shards; i++) {
        servers.startShard(ShardId.of("shard-" + i));
      }
      return servers;
    } catch (SQLException | RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  private PostgresServer startShard(ShardId id) throws SQLException {
    PostgresServer server = PostgresServer.start();
    shards.put(id, server);
    server.createRole(APP_USER, APP_PASSWORD);
    server.createDatabase(DATABASE);
    server.execute("alter database " + DATABASE + " owner to " + APP_USER);
    return server;
  }

  String zooKeeper() {
    return zooKeeper.connectString();
  }

  List<ShardId> ids() {
    synchronized (shards) {
      return List.copyOf(shards.keySet());
    }
  }

  Endpoint endpoint(ShardId id) {
    return new Endpoint(server(id).url(DATABASE), APP_USER);
  }

  PostgresServer server(ShardId id) {
    PostgresServer server = shards.get(id);
    if (server == null) {
      throw new IllegalArgumentException("no server for shard " + id);
    }
    return server;
  }

  /** The passwords; a real service keeps them in its environment or a secret store. */
  CredentialsProvider credentials() {
    return (shard, endpoint, role) ->
        switch (role) {
          case APP -> Credentials.of(APP_USER, APP_PASSWORD);
          case ADMIN -> Credentials.of(server(shard).user(), server(shard).password());
        };
  }

  /** Creates the tables on all servers. */
  void createTables(Dataset dataset) throws SQLException {
    for (ShardId id : ids()) {
      createTables(server(id), dataset);
    }
  }

  /** Makes the servers shards of a cluster, which share the keys and know the tables. */
  void makeCluster(Dataset dataset) {
    try (ClusterAdmin admin = admin()) {
      admin.init();
      for (ShardId id : ids()) {
        admin.addShard(Shard.of(id, endpoint(id)));
      }
      dataset.register(admin);
    }
  }

  /** Connections to one server as the app role, with no router between; to be closed. */
  HikariDataSource dataSource(ShardId id) {
    HikariDataSource source = new HikariDataSource();
    source.setJdbcUrl(server(id).url(DATABASE));
    source.setUsername(APP_USER);
    source.setPassword(APP_PASSWORD);
    return source;
  }

  /** Starts one more server and makes it a shard, which owns nothing yet. */
  ShardId addShard(Dataset dataset) throws SQLException {
    ShardId id = ShardId.of("shard-" + (shards.size() + 1));
    createTables(startShard(id), dataset);
    try (ClusterAdmin admin = admin()) {
      admin.addShard(Shard.of(id, endpoint(id)));
    }
    return id;
  }

  private ClusterAdmin admin() {
    return ClusterAdmin.connect(
        zooKeeper(),
        CLUSTER,
        ZooKeeperOptions.DEFAULTS,
        credentials(),
        ClusterAdminOptions.DEFAULTS);
  }

  /** As the app role, which owns them then. */
  private static void createTables(PostgresServer server, Dataset dataset) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(server.url(DATABASE), APP_USER, APP_PASSWORD);
        Statement statement = connection.createStatement()) {
      for (String sql : dataset.tableDefinitions()) {
        statement.execute(sql);
      }
    }
  }

  @Override
  public void close() {
    shards.values().forEach(PostgresServer::close);
    zooKeeper.close();
  }
}
