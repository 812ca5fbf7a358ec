package dev.shardwright.rebalance.internal.driver;

import static java.util.Objects.requireNonNull;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.rebalance.internal.capture.CrashMark;
import dev.shardwright.rebalance.internal.capture.GatedTables;
import dev.shardwright.rebalance.internal.capture.MoveOnShard;
import dev.shardwright.rebalance.internal.capture.MovedTable;
import dev.shardwright.rebalance.internal.copy.CopyOptions;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.SequenceAdvance;
import dev.shardwright.rebalance.internal.copy.Sessions;
import dev.shardwright.rebalance.internal.cutover.MoveTopology;
import dev.shardwright.rebalance.internal.cutover.RouterWatch;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.rebalance.internal.database.Timeline;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.UnfitTable;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the work of one migration is done with: the two databases, the topology, the routers.
 * Immutable; a new leader makes a new one.
 */
final class MoveContext {
  /**
   * For work beside the service: long enough for a chunk, short enough to notice a dead end.
   * Between transactions, where it holds no lock, a session rests with work that is paused or gives
   * way to the service, for hours perhaps: work that lost it would begin anew.
   */
  private static final SessionLimits PATIENT =
      new SessionLimits(
          Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofDays(1));

  /**
   * On the way to a cutover: a frozen mover must not keep out its successor. Between transactions a
   * session waits for another that looks at hundreds of tables.
   */
  private static final SessionLimits BRISK =
      new SessionLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30));

  private static final String CRASHED = "57P02";

  private static final int DRAIN_BATCH = 1_000;

  /** Numbers that the other side may draw from a sequence until the ranges change hands. */
  private static final long SEQUENCE_MARGIN = 100_000;

  private static final Duration CHUNK = Duration.ofMillis(400);
  private static final long CHUNK_BYTES = 8 * 1024 * 1024;

  private final Migration migration;
  private final MoverIdentity mover;
  private final Map<ShardId, MoverDatabase> databases;
  private final MoveTopology topology;
  private final RouterWatch routers;
  private final Map<ShardId, Long> timelines;

  MoveContext(
      Migration migration,
      int token,
      Topology seen,
      CredentialsProvider credentials,
      MoveTopology topology,
      RouterWatch routers) {
    this.migration = migration;
    this.mover = new MoverIdentity(migration.number(), token);
    this.databases = new LinkedHashMap<>();
    for (ShardId id : List.of(migration.transfer().target(), migration.transfer().source())) {
      if (!isRemoved(seen, id)) {
        databases.put(id, new MoverDatabase(credentials, shard(seen, id), mover));
      }
    }
    this.topology = topology;
    this.routers = routers;
    this.timelines = Map.of();
  }

  private MoveContext(MoveContext other, Map<ShardId, Long> timelines) {
    this.migration = other.migration;
    this.mover = other.mover;
    this.databases = other.databases;
    this.topology = other.topology;
    this.routers = other.routers;
    this.timelines = Map.copyOf(timelines);
  }

  /**
   * The same for servers on these timelines only: one that was promoted since is not worked with,
   * nor one that has crashed since.
   */
  MoveContext on(Map<ShardId, Long> known) {
    return new MoveContext(this, known);
  }

  Migration migration() {
    return migration;
  }

  MoverIdentity mover() {
    return mover;
  }

  MoveTopology topology() {
    return topology;
  }

  RouterWatch routers() {
    return routers;
  }

  KeyRangeSet ranges() {
    return migration.transfer().ranges();
  }

  /** Moves the sequences of the side that gets the rows. */
  SequenceAdvance sequences() {
    return new SequenceAdvance(mover, SEQUENCE_MARGIN);
  }

  CopyOptions copyOptions() {
    return new CopyOptions(migration.options().lanes(), CHUNK, CHUNK_BYTES);
  }

  /** Sessions for work beside the service. */
  Sessions sessions(ShardId shard) {
    return () -> open(shard);
  }

  /**
   * The shards of the move, the target first. Once nothing is left to do but to clean up, one that
   * was removed is none of them.
   */
  List<ShardId> shards() {
    return List.copyOf(databases.keySet());
  }

  /** The topology lets no shard of a move go, only one that it did not come to, or has left. */
  private boolean isRemoved(Topology seen, ShardId shard) {
    boolean cleansUp =
        migration.state() == MigrationState.ABORTING
            || migration.state() == MigrationState.CLEANING_UP;
    return cleansUp && seen.shard(shard).isEmpty();
  }

  /** A session for work beside the service; the caller closes it. */
  Connection open(ShardId shard) throws SQLException {
    return opened(shard, PATIENT);
  }

  /**
   * Looks whether both servers are those that were registered with, and have not crashed since;
   * work that rests has to, since one that was replaced refuses the ranges until the registers are
   * asserted there.
   *
   * @throws SQLException if one is not, or cannot be reached
   */
  void checkServers() throws SQLException {
    for (ShardId shard : shards()) {
      open(shard).close();
    }
  }

  /** A session for the way to a cutover; the caller closes it. */
  Connection openBriskly(ShardId shard) throws SQLException {
    return opened(shard, BRISK);
  }

  private Connection opened(ShardId shard, SessionLimits limits) throws SQLException {
    Connection connection = requireNonNull(databases.get(shard), shard.value()).open(limits);
    try {
      Long known = timelines.get(shard);
      if (known != null) {
        checkTimeline(shard, known, Timeline.of(connection));
        checkNotCrashed(shard, connection);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static void checkTimeline(ShardId shard, long known, long present) throws SQLException {
    if (known != present) {
      throw new SQLException(
          "the server of shard %s was replaced: it is on timeline %d, and was on %d"
              .formatted(shard, present, known),
          SqlStates.TIMELINE_CHANGED);
    }
  }

  private void checkNotCrashed(ShardId shard, Connection connection) throws SQLException {
    if (CrashMark.isLost(connection, mover.migration())) {
      throw new SQLException(
          "the server of shard %s has crashed, and may lack what was written last".formatted(shard),
          CRASHED);
    }
  }

  /** Where the move is in the topology; it must be there. */
  RangeMove move() {
    return topology
        .move()
        .orElseThrow(
            () ->
                new Obstacle(
                    "range move %d is not in the topology any more".formatted(mover.migration()),
                    null));
  }

  /**
   * The tables that move, as they are defined where the rows come from. What goes back cannot be
   * given up, and goes without what was dropped.
   */
  List<MovingTable> tables(Connection from, Direction direction) throws SQLException {
    try {
      KeyspaceTopology keyspace = keyspace(topology.read());
      return direction == Direction.BACK
          ? MovingTables.readUndropped(from, keyspace, gated(from))
          : MovingTables.read(from, keyspace);
    } catch (UnfitTable e) {
      throw Obstacle.of(e);
    }
  }

  /** The same without those that were dropped there, whatever the others are called by now. */
  List<MovingTable> presentTables(Connection connection) throws SQLException {
    try {
      return MovingTables.readPresent(connection, keyspace(topology.read()), gated(connection));
    } catch (UnfitTable e) {
      throw Obstacle.of(e);
    }
  }

  private Map<Integer, TableName> gated(Connection connection) throws SQLException {
    return GatedTables.find(connection, mover.migration());
  }

  /** What the tables look like where the rows come from: their fingerprints. */
  String definitions() throws SQLException {
    try (Connection connection = open(migration.transfer().source())) {
      return DefinitionDigest.read(connection, tables(connection, Direction.FORWARD))
          .fingerprints();
    }
  }

  /** One for each table, for a direction. */
  List<KeyLogDrain> drains(List<MovingTable> tables) {
    List<KeyLogDrain> drains = new ArrayList<>();
    for (MovingTable table : tables) {
      drains.add(new KeyLogDrain(table, ranges(), mover, DRAIN_BATCH));
    }
    return drains;
  }

  /** The tables as triggers know them. */
  List<MovedTable> movedTables(Topology seen) {
    KeyspaceTopology keyspace = keyspace(seen);
    List<MovedTable> tables = new ArrayList<>();
    keyspace
        .tables()
        .values()
        .forEach(
            table ->
                tables.add(new MovedTable(tables.size() + 1, table, keyspace.tokenFunction())));
    return tables;
  }

  /** The guard of one table on one shard, as that topology says. */
  Guard guard(Topology seen, MovedTable table, ShardId shard) {
    return Guard.of(seen, keyspace(seen), table.definition(), shard(seen, shard));
  }

  /** Those of all tables there; none if the keyspace is no more. */
  List<Guard> guards(Topology seen, ShardId shard) {
    if (seen.keyspace(migration.keyspace()).isEmpty()) {
      return List.of();
    }
    return movedTables(seen).stream().map(table -> guard(seen, table, shard)).toList();
  }

  MoveOnShard onShard(RangeMove move, ShardId shard) {
    return new MoveOnShard(move, shard, mover);
  }

  /** As the topology says now: an operator may give up a replica that is gone for good. */
  boolean hasReplicas(ShardId shard) {
    return !shard(topology.read(), shard).replicas().isEmpty();
  }

  ShardId from(Direction direction) {
    return direction.from(migration.transfer());
  }

  ShardId to(Direction direction) {
    return direction.to(migration.transfer());
  }

  private KeyspaceTopology keyspace(Topology seen) {
    return seen.keyspace(migration.keyspace())
        .orElseThrow(
            () -> new Obstacle("there is no keyspace " + migration.keyspace() + " any more", null));
  }

  private static Shard shard(Topology seen, ShardId shard) {
    return seen.shard(shard)
        .orElseThrow(() -> new Obstacle("there is no shard " + shard + " any more", null));
  }
}
