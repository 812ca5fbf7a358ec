package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Shards {@code s} and {@code t} with the same tables, before migration 7 moves the upper half of
 * the tokens. The sharding key of each table is {@code k}.
 */
final class CheckedPair implements AutoCloseable {
  /** Has every right that a mover needs, and no other. */
  static final String ABLE = "preflight_able";

  /** Has no rights but those of the owner of the tables. */
  static final String PLAIN = "preflight_plain";

  /** The service's, which has no rights to the tables here. */
  static final String APP = "preflight_app";

  private static final String OWNER = "preflight_owner";
  private static final MoverIdentity MOVER = new MoverIdentity(7, 3);
  private static final KeyRangeSet RANGES = KeyRangeSet.of(new KeyRange(0, Long.MAX_VALUE));
  private static final SessionLimits LIMITS =
      new SessionLimits(
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5));

  private final TestDatabase source;
  private final TestDatabase target;
  private final KeyspaceTopology keyspace;

  private CheckedPair(KeyspaceTopology keyspace) throws SQLException {
    this.keyspace = keyspace;
    this.source = PostgresServer.shared().freshDatabase();
    this.target = PostgresServer.shared().freshDatabase();
  }

  /** The roles belong to the server, which other tests use too. */
  static void makeRoles() throws SQLException {
    PostgresServer server = PostgresServer.shared();
    for (String role : List.of(OWNER, ABLE, PLAIN, APP)) {
      server.createRole(role, "secret");
    }
    server.execute("grant %s to %s, %s".formatted(OWNER, ABLE, PLAIN));
    server.execute("grant set on parameter session_replication_role to " + ABLE);
    server.execute("grant pg_signal_backend, pg_read_all_stats to " + ABLE);
  }

  /**
   * Runs the statements on both.
   *
   * @param strategy of a keyspace whose keys are {@code bigint}
   * @param tables those of the keyspace
   */
  static CheckedPair of(Strategy strategy, String ddl, String... tables) throws SQLException {
    CheckedPair pair = new CheckedPair(keyspace(strategy, tables));
    try {
      for (TestDatabase side : List.of(pair.source, pair.target)) {
        side.execute("alter database %s owner to %s".formatted(side.name(), OWNER));
        try (Connection owner = DriverManager.getConnection(side.url(), OWNER, "secret");
            Statement statement = owner.createStatement()) {
          statement.execute(ddl);
          SchemaInstaller.claim(owner, new DatabaseIdentity("test", pair.shard(side).id()));
        }
      }
      return pair;
    } catch (SQLException | RuntimeException e) {
      pair.close();
      throw e;
    }
  }

  private static KeyspaceTopology keyspace(Strategy strategy, String... names) {
    Map<TableName, ShardedTable> tables = new TreeMap<>();
    for (String name : names) {
      tables.put(TableName.of(name), ShardedTable.of(TableName.of(name), "k"));
    }
    Map<ShardId, Integer> weights = Map.of(ShardId.of("s"), 100);
    Placement placement =
        Placement.of(
            strategy == Strategy.HASH
                ? PlacementByTokens.layOut(weights, 8)
                : PlacementByTokens.splitAt(List.of(), weights));
    return new KeyspaceTopology(
        "ks",
        strategy,
        Optional.of(KeyType.BIGINT),
        8,
        new TreeSet<>(),
        new TreeMap<>(tables),
        new TreeMap<>(Map.of(Region.ALL, placement)));
  }

  TestDatabase source() {
    return source;
  }

  TestDatabase target() {
    return target;
  }

  /** A session as replicas have it. */
  Connection replicaOfSource() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", source.user());
    properties.setProperty("password", source.password());
    properties.setProperty("replication", "database");
    properties.setProperty("assumeMinServerVersion", "15");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(source.url(), properties);
  }

  /** As superuser. */
  void onBoth(String sql) throws SQLException {
    source.execute(sql);
    target.execute(sql);
  }

  /** What all checks find for a mover with all rights. */
  List<Finding> findings() throws SQLException {
    return findings(ABLE);
  }

  /** What all checks find for a mover of that role. */
  List<Finding> findings(String role) throws SQLException {
    try (Connection from = open(source, role);
        Connection to = open(target, role)) {
      return Preflight.run(intended(from, to));
    }
  }

  /** What one check finds for a mover with all rights. */
  List<Finding> findings(Check check) throws SQLException {
    try (Connection from = open(source, ABLE);
        Connection to = open(target, ABLE)) {
      Findings findings = new Findings(check.name());
      check.look(intended(from, to), findings);
      return findings.list();
    }
  }

  private IntendedMove intended(Connection from, Connection to) {
    return new IntendedMove(
        OptionalInt.of(MOVER.migration()),
        keyspace,
        Set.of(TableName.of("reference")),
        RANGES,
        new Side(shard(source), from),
        new Side(shard(target), to));
  }

  private Connection open(TestDatabase side, String role) throws SQLException {
    return new MoverDatabase(
            (shard, endpoint, asked) -> Credentials.of(role, "secret"), shard(side), MOVER)
        .open(LIMITS);
  }

  private Shard shard(TestDatabase side) {
    return Shard.of(ShardId.of(side.equals(source) ? "s" : "t"), new Endpoint(side.url(), APP));
  }

  @Override
  public void close() throws SQLException {
    try (source;
        target) {
      // both, whatever becomes of the first
    }
  }
}
