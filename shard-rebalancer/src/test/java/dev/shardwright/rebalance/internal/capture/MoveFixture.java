package dev.shardwright.rebalance.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Two databases, shards {@code s} and {@code t}, with the same tables, of which {@code s} has all
 * rows, and migration 7 of the keys 100 to 199 from {@code s} to {@code t}. Tables belong to the
 * role {@code admin}; {@code app} may write them. The tokens are the keys themselves.
 */
final class MoveFixture implements AutoCloseable {
  static final int MIGRATION = 7;
  static final KeyRangeSet RANGES = KeyRangeSet.of(new KeyRange(100, 199));
  static final ShardId S = ShardId.of("s");
  static final ShardId T = ShardId.of("t");
  static final SessionLimits LIMITS =
      new SessionLimits(
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(120));

  final MoverIdentity mover = new MoverIdentity(MIGRATION, 3);
  private final PostgresServer server;
  private final List<String> names = new ArrayList<>();
  private final List<Connection> sessions = new ArrayList<>();
  private final Topology topology;

  /** On the server that all tests share. */
  static MoveFixture of(String ddl, ShardedTable... tables) throws SQLException {
    return new MoveFixture(PostgresServer.shared(), ddl, tables);
  }

  MoveFixture(PostgresServer server, String ddl, ShardedTable... tables) throws SQLException {
    this.server = server;
    makeRoles(server);
    Topology made = Topology.INITIAL.next();
    for (ShardId shard : List.of(S, T)) {
      String name = server.freshDatabase().name();
      names.add(name);
      server.execute("alter database " + name + " owner to admin");
      made = made.withShard(Shard.of(shard, new Endpoint(server.url(name), "app")));
    }
    TreeMap<TableName, ShardedTable> byName = new TreeMap<>();
    for (ShardedTable table : tables) {
      byName.put(table.name(), table);
    }
    KeyspaceTopology keyspace =
        new KeyspaceTopology(
            "orders",
            Strategy.RANGE,
            Optional.of(KeyType.BIGINT),
            KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
            new TreeSet<>(),
            byName,
            new TreeMap<>(Map.of(Region.ALL, Placement.of(RangeRing.ownedBy(S)))));
    topology =
        made.withKeyspace(keyspace)
            .withMove(RangeMove.of(MIGRATION, "orders", Region.ALL, S, T, RANGES, 3));
    for (ShardId shard : List.of(S, T)) {
      Connection admin = connect(shard, "admin");
      execute(admin, ddl);
      SchemaInstaller.claim(admin, new DatabaseIdentity("test", shard));
      SchemaInstaller.admit(admin, List.of("app"));
      execute(
          admin,
          "grant select, insert, update, delete, truncate on all tables in schema public to app");
      for (ShardedTable table : byName.values()) {
        GuardInstaller.install(
            admin, Guard.of(topology.withoutMove(MIGRATION), keyspace(), table, shard(shard)));
      }
    }
  }

  private static void makeRoles(PostgresServer server) throws SQLException {
    synchronized (MoveFixture.class) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("select count(*) from pg_roles where rolname = 'app'")) {
        row.next();
        if (row.getInt(1) > 0) {
          return;
        }
      }
      server.createRole("admin", "secret");
      server.createRole("app", "secret");
      server.execute("grant set on parameter session_replication_role to admin");
    }
  }

  Topology topology() {
    return topology;
  }

  KeyspaceTopology keyspace() {
    return topology.keyspace("orders").orElseThrow();
  }

  Shard shard(ShardId id) {
    return topology.shard(id).orElseThrow();
  }

  RangeMove move() {
    return topology.move(MIGRATION).orElseThrow();
  }

  Guard guard(ShardId shard, ShardedTable table) {
    return Guard.of(topology, keyspace(), table, shard(shard));
  }

  /** A session that is closed at the end. */
  Connection connect(ShardId shard, String role) throws SQLException {
    return kept(DriverManager.getConnection(shard(shard).primary().url(), role, "secret"));
  }

  Connection superuser(ShardId shard) throws SQLException {
    return kept(server.connect(names.get(shard.equals(S) ? 0 : 1)));
  }

  /** A session of the mover that is closed at the end. */
  Connection moverOn(ShardId shard) throws SQLException {
    return moverOn(shard, mover);
  }

  Connection moverOn(ShardId shard, MoverIdentity identity) throws SQLException {
    return kept(
        new MoverDatabase(
                (id, endpoint, role) -> Credentials.of("admin", "secret"), shard(shard), identity)
            .open(LIMITS));
  }

  private Connection kept(Connection connection) {
    sessions.add(connection);
    return connection;
  }

  static TableLocking locking(Duration patience) {
    return new TableLocking(Duration.ofMillis(50), patience, new Random(1), others -> {});
  }

  /** All of the migration on both shards. */
  void install() throws SQLException {
    begin();
    for (ShardId shard : List.of(T, S)) {
      install(shard, locking(Duration.ofSeconds(30)));
    }
  }

  void begin() throws SQLException {
    for (ShardId shard : List.of(T, S)) {
      Connection connection = moverOn(shard);
      OwnerRow.takeOver(connection, mover, Duration.ofSeconds(10));
      Registers.create(connection, mover, 0);
    }
  }

  void install(ShardId shard, TableLocking locking) throws SQLException {
    Connection connection = moverOn(shard);
    Installation installation = new Installation(new MoveOnShard(move(), shard, mover), locking);
    int number = 0;
    for (ShardedTable table : keyspace().tables().values()) {
      number++;
      installation.install(
          connection,
          new MovedTable(number, table, keyspace().tokenFunction()),
          guard(shard, table));
    }
  }

  /** As the mover does at cutover: drains the writers, then raises the register. */
  void fence(ShardId shard, long value) throws SQLException {
    Connection connection = moverOn(shard);
    MoverTransaction.run(
        connection,
        mover,
        () -> {
          execute(connection, drain());
          assertThat(Registers.advance(connection, MIGRATION, value)).hasValue(value);
        });
  }

  static String drain() {
    return "select pg_advisory_xact_lock(%d, %d)".formatted(AdvisoryLocks.GATE, MIGRATION);
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the rows, as text. */
  static List<String> query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
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
    for (Connection session : sessions) {
      session.close();
    }
    for (String name : names) {
      server.dropDatabase(name);
    }
  }
}
