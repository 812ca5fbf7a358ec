package dev.shardwright.admin;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Databases for one test, on a server that all tests of this JVM share. The databases belong to the
 * role {@code admin}; the role {@code app} may create nothing, neither is a superuser.
 */
final class TestCluster implements AutoCloseable {
  static final ClusterAdminOptions OPTIONS =
      new ClusterAdminOptions(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(20));
  static final CredentialsProvider CREDENTIALS =
      (shard, endpoint, role) ->
          role == Role.ADMIN
              ? Credentials.of("admin", "admins secret")
              : Credentials.of("app", "apps secret");

  private static final String EMPTY =
      """
      do $$ declare found text; begin
        for found in select quote_ident(nspname) from pg_namespace
          where nspname !~ '^pg_' and nspname <> 'information_schema'
        loop
          execute 'drop schema ' || found || ' cascade';
        end loop;
      end $$;
      create schema public authorization pg_database_owner;
      grant usage on schema public to public
      """;
  private static final Queue<TestDatabase> SPARE = new ConcurrentLinkedQueue<>();
  private static final PostgresServer SERVER = serverWithRoles();

  final TopologyStore store;
  final ClusterAdmin admin;
  private final Map<String, TestDatabase> databases = new HashMap<>();
  private final Map<String, Connection> sessions = new HashMap<>();

  TestCluster() {
    this(new InMemoryTopologyStore());
  }

  TestCluster(TopologyStore store) {
    this.store = store;
    this.admin = new ClusterAdmin(store, "test", CREDENTIALS, OPTIONS);
  }

  /** One that waits for locks for half a second only, for the caller to close. */
  ClusterAdmin impatientAdmin() {
    return new ClusterAdmin(
        store,
        "test",
        CREDENTIALS,
        new ClusterAdminOptions(
            OPTIONS.connectTimeout(), Duration.ofMillis(500), OPTIONS.statementTimeout()));
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

  /** A database with these tables and no others, to become a shard. */
  Shard database(String shard, String ddl) throws SQLException {
    TestDatabase spare = SPARE.poll();
    TestDatabase database = spare == null ? newDatabase() : spare;
    databases.put(shard, database);
    Shard made = Shard.of(ShardId.of(shard), new Endpoint(url(shard), "app"));
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
    return database(shard).url();
  }

  private TestDatabase database(String shard) {
    return Objects.requireNonNull(databases.get(shard), shard);
  }

  /** Puts a move into the topology that nobody carries out, of all that the source owns. */
  Topology beginMove(int migration, String keyspaceName, String source, String target) {
    Topology current = store.read();
    KeyspaceTopology keyspace = current.keyspace(keyspaceName).orElseThrow();
    ShardId from = ShardId.of(source);
    KeyRangeSet ranges = keyspace.placement(Region.ALL).rangesOf(from);
    RangeMove move =
        RangeMove.of(migration, keyspaceName, Region.ALL, from, ShardId.of(target), ranges, 1);
    Topology moving = current.next().withMove(move);
    store.compareAndSet(moving);
    return moving;
  }

  /** A new session, for the caller to close. */
  Connection connect(String shard, String role) throws SQLException {
    String password =
        switch (role) {
          case "admin" -> "admins secret";
          case "app" -> "apps secret";
          default -> SERVER.password();
        };
    return DriverManager.getConnection(url(shard), role, password);
  }

  /** The one session of that role that is kept until the end. */
  private Connection session(String shard, String role) throws SQLException {
    Connection known = sessions.get(shard + "/" + role);
    if (known != null && known.isValid(5)) {
      return known;
    }
    Connection opened = connect(shard, role);
    sessions.put(shard + "/" + role, opened);
    return opened;
  }

  void asAdmin(String shard, String sql) throws SQLException {
    run(shard, "admin", sql);
  }

  void asApp(String shard, String sql) throws SQLException {
    run(shard, "app", sql);
  }

  private void run(String shard, String role, String sql) throws SQLException {
    try (Statement statement = session(shard, role).createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the rows, as text; as superuser. */
  List<String> query(String shard, String sql) throws SQLException {
    try (Statement statement = session(shard, SERVER.user()).createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** Ends what is open, and empties the databases for the next test: making new ones is slow. */
  @Override
  public void close() throws SQLException {
    admin.close();
    for (Connection session : sessions.values()) {
      session.close();
    }
    for (TestDatabase database : databases.values()) {
      database.execute(EMPTY);
      SPARE.add(database);
    }
    databases.clear();
  }

  private static TestDatabase newDatabase() throws SQLException {
    TestDatabase database = SERVER.freshDatabase();
    SERVER.execute("alter database " + database.name() + " owner to admin");
    return database;
  }

  private static PostgresServer serverWithRoles() {
    PostgresServer server = PostgresServer.shared();
    try {
      server.createRole("admin", "admins secret");
      server.createRole("app", "apps secret");
      return server;
    } catch (SQLException e) {
      throw new IllegalStateException("roles for the tests", e);
    }
  }
}
