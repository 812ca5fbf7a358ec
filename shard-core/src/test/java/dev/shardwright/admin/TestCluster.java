package dev.shardwright.admin;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TopologyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Databases for one test, on a server that all tests of this JVM share. The databases belong to the
 * role {@code admin}; the role {@code app} may create nothing, neither is a superuser.
 */
final class TestCluster implements AutoCloseable {
  static final ClusterAdminOptions OPTIONS =
      new ClusterAdminOptions(
          Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(20));
  static final CredentialsProvider CREDENTIALS =
      (shard, endpoint, role) ->
          role == Role.ADMIN
              ? Credentials.of("admin", "admins secret")
              : Credentials.of("app", "apps secret");

  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final PostgresServer SERVER = startServer();

  final TopologyStore store;
  final ClusterAdmin admin;
  private final int number = NUMBERS.incrementAndGet();
  private final List<String> databases = new ArrayList<>();

  TestCluster() {
    this(new InMemoryTopologyStore());
  }

  TestCluster(TopologyStore store) {
    this.store = store;
    this.admin = new ClusterAdmin(store, "test", CREDENTIALS, OPTIONS);
  }

  /**
   * A cluster that is set up, with shards of these names, which have the tables made by the SQL.
   */
  static TestCluster of(String ddl, String... shards) throws SQLException {
    TestCluster cluster = new TestCluster();
    cluster.admin.init();
    for (String shard : shards) {
      cluster.admin.addShard(cluster.database(shard, ddl));
    }
    return cluster;
  }

  static PostgresServer server() {
    return SERVER;
  }

  /** A new database with these tables, to become a shard. */
  Shard database(String shard, String ddl) throws SQLException {
    String name = "c" + number + "_" + shard;
    SERVER.execute("create database " + name + " owner admin");
    databases.add(name);
    Shard made = Shard.of(ShardId.of(shard), new Endpoint(SERVER.url(name), "app"));
    if (!ddl.isEmpty()) {
      asAdmin(shard, ddl);
      asAdmin(
          shard,
          "grant select, insert, update, delete on all tables in schema public to app;"
              + " grant usage on all sequences in schema public to app");
    }
    return made;
  }

  String url(String shard) {
    return SERVER.url("c" + number + "_" + shard);
  }

  Connection connect(String shard, String role) throws SQLException {
    return DriverManager.getConnection(
        url(shard), role, role.equals("admin") ? "admins secret" : "apps secret");
  }

  void asAdmin(String shard, String sql) throws SQLException {
    run(shard, "admin", sql);
  }

  void asApp(String shard, String sql) throws SQLException {
    run(shard, "app", sql);
  }

  private void run(String shard, String role, String sql) throws SQLException {
    try (Connection connection = connect(shard, role);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the rows, as text. */
  List<String> query(String shard, String sql) throws SQLException {
    try (Connection connection = SERVER.connect("c" + number + "_" + shard);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  @Override
  public void close() throws SQLException {
    admin.close();
    for (String database : databases) {
      SERVER.dropDatabase(database);
    }
  }

  private static PostgresServer startServer() {
    PostgresServer server = PostgresServer.start();
    try {
      server.createRole("admin", "admins secret");
      server.createRole("app", "apps secret");
      return server;
    } catch (SQLException e) {
      throw new IllegalStateException("roles for the tests", e);
    }
  }
}
