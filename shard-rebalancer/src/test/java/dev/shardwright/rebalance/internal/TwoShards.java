package dev.shardwright.rebalance.internal;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.ObjectNames;
import dev.shardwright.rebalance.internal.copy.CopyOptions;
import dev.shardwright.rebalance.internal.copy.Drained;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.TableCopy;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.rebalance.internal.table.MovingColumn;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.internal.verify.RowVerification;
import dev.shardwright.rebalance.internal.verify.ShortLogs;
import dev.shardwright.rebalance.internal.verify.Verified;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Two databases with the same tables: the rows of some ranges move from one to the other. */
public final class TwoShards implements AutoCloseable {
  public static final MoverIdentity MOVER = new MoverIdentity(7, 3);

  private static final int BATCH = 100;
  private static final SessionLimits LIMITS =
      new SessionLimits(
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5));

  private final Map<TableName, ShardedTable> tables = new TreeMap<>();
  private final Strategy strategy;
  private final KeyType keyType;
  private final KeyRangeSet ranges;
  private final TestDatabase source;
  private final TestDatabase target;

  private TwoShards(PostgresServer server, Strategy strategy, KeyType keyType, KeyRangeSet ranges)
      throws SQLException {
    this.strategy = strategy;
    this.keyType = keyType;
    this.ranges = ranges;
    this.source = server.freshDatabase();
    this.target = server.freshDatabase();
  }

  /**
   * Sides whose tables have a sharding key of this type.
   *
   * @param ddl run on both
   * @param keys the sharding key of each table, both exactly as the catalog has them
   */
  public static TwoShards of(
      Strategy strategy, KeyType keyType, KeyRangeSet ranges, String ddl, Map<String, String> keys)
      throws SQLException {
    return of(PostgresServer.shared(), strategy, keyType, ranges, ddl, keys);
  }

  private static TwoShards of(
      PostgresServer server,
      Strategy strategy,
      KeyType keyType,
      KeyRangeSet ranges,
      String ddl,
      Map<String, String> keys)
      throws SQLException {
    TwoShards shards = new TwoShards(server, strategy, keyType, ranges);
    try {
      keys.forEach(
          (table, key) -> {
            TableName name = TableName.of(table);
            shards.tables.put(name, ShardedTable.of(name, key));
          });
      for (TestDatabase side : List.of(shards.source, shards.target)) {
        side.execute(ddl);
        try (Connection connection = side.connect()) {
          SchemaInstaller.claim(connection, new DatabaseIdentity("test", shards.shard(side).id()));
        }
        side.execute("insert into shardwright.mover values (7, 3)");
      }
      shards.capture(shards.source);
      shards.capture(shards.target);
      return shards;
    } catch (SQLException | RuntimeException e) {
      shards.close();
      throw e;
    }
  }

  /** Sides with a table {@code t} whose bigint column {@code k} is the key: its own token. */
  public static TwoShards withTable(KeyRangeSet ranges, String ddl) throws SQLException {
    return withTable(PostgresServer.shared(), ranges, ddl);
  }

  /** The same on a server of the test's own. */
  public static TwoShards withTable(PostgresServer server, KeyRangeSet ranges, String ddl)
      throws SQLException {
    return of(server, Strategy.RANGE, KeyType.BIGINT, ranges, ddl, Map.of("t", "k"));
  }

  public KeyRangeSet ranges() {
    return ranges;
  }

  public TestDatabase source() {
    return source;
  }

  public TestDatabase target() {
    return target;
  }

  /** A session of the mover on the source. */
  public Connection from() throws SQLException {
    return open(source);
  }

  /** A session of the mover on the target. */
  public Connection to() throws SQLException {
    return open(target);
  }

  private Connection open(TestDatabase side) throws SQLException {
    return new MoverDatabase(
            (shard, endpoint, role) -> Credentials.of(side.user(), side.password()),
            shard(side),
            MOVER)
        .open(LIMITS);
  }

  private Shard shard(TestDatabase side) {
    String id = side.equals(source) ? "s" : "t";
    return Shard.of(ShardId.of(id), new Endpoint(side.url(), side.user()));
  }

  public List<MovingTable> tables() throws SQLException {
    try (Connection connection = from()) {
      return MovingTables.read(connection, keyspace());
    }
  }

  public MovingTable table() throws SQLException {
    return tables().get(0);
  }

  public KeyspaceTopology keyspace() {
    Map<ShardId, Integer> weights = Map.of(ShardId.of("s"), 100);
    Placement placement =
        Placement.of(
            strategy == Strategy.HASH
                ? PlacementByTokens.layOut(weights, 8)
                : PlacementByTokens.splitAt(List.of(), weights));
    return new KeyspaceTopology(
        "ks",
        strategy,
        Optional.of(keyType),
        8,
        new TreeSet<>(),
        new TreeMap<>(tables),
        new TreeMap<>(Map.of(Region.ALL, placement)));
  }

  public KeyLogDrain drain() throws SQLException {
    return drain(MOVER);
  }

  /** On behalf of another mover. */
  public KeyLogDrain drain(MoverIdentity mover) throws SQLException {
    return new KeyLogDrain(table(), ranges, mover, BATCH);
  }

  public TableCopy copy() throws SQLException {
    return copy(table(), CopyOptions.DEFAULTS);
  }

  public TableCopy copy(MovingTable table, CopyOptions options) {
    return copy(table, options, Throttle.none());
  }

  public TableCopy copy(MovingTable table, CopyOptions options, Throttle throttle) {
    return new TableCopy(
        table,
        ranges,
        MOVER,
        this::from,
        this::to,
        new KeyLogDrain(table, ranges, MOVER, BATCH),
        throttle,
        options);
  }

  /** Copies the table, applies its log and compares it. */
  public Verified move() throws Exception {
    copy().run();
    KeyLogDrain drain = drain();
    try (Connection from = from();
        Connection to = to()) {
      drainAll(drain, from, to);
    }
    return verify(drain);
  }

  /** Applies batches until the log has been read to its end. */
  public static Drained drainAll(KeyLogDrain drain, Connection from, Connection to)
      throws SQLException {
    Drained all = drain.drain(from, to);
    while (all.remaining() > 0) {
      all = all.plus(drain.drain(from, to));
    }
    return all;
  }

  public Verified verify(KeyLogDrain drain) throws Exception {
    return verify(drain, 2);
  }

  public Verified verify(KeyLogDrain drain, int lanes) throws Exception {
    return new RowVerification(order(), ranges, this::from, this::to, drain, Throttle.none())
        .run(lanes, new ShortLogs(List.of(drain), Throttle.none()));
  }

  /** The order in which the table is walked through on both sides. */
  public RowOrder order() throws SQLException {
    try (Connection from = from();
        Connection to = to()) {
      return RowOrder.choose(table(), ranges, from, to);
    }
  }

  /** The rows of the ranges on both sides, as the server writes them; for tables named t. */
  public List<String> moving(TestDatabase side) throws SQLException {
    try (Connection connection = open(side)) {
      MovingTable table = MovingTables.read(connection, keyspace()).get(0);
      return query(
          connection,
          "select t::text from %s t where %s order by %s"
              .formatted(table.sql(), table.inRanges(ranges), table.keyList()));
    }
  }

  /**
   * From now on statements that insert more rows into {@code t} than that are out of time at once.
   */
  public static void refuseMoreAtOnce(TestDatabase side, int rows) throws SQLException {
    side.execute(
        """
        create sequence public.times_refused;
        create function public.refuse_more() returns trigger language plpgsql as $$ begin
          if (select count(*) from added) > %d then
            perform nextval('public.times_refused');
            raise 'no time for so many' using errcode = '57014';
          end if;
          return null;
        end $$;
        create trigger refuse_more after insert on public.t referencing new table as added
          for each statement execute function public.refuse_more();
        alter table public.t enable always trigger refuse_more;
        """
            .formatted(rows));
  }

  /** How often that has happened. */
  public static long timesRefused(TestDatabase side) throws SQLException {
    String times = "select last_value from public.times_refused where is_called";
    return query(side, times).stream().mapToLong(Long::parseLong).sum();
  }

  public static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  public static List<String> query(TestDatabase side, String sql) throws SQLException {
    try (Connection connection = side.connect()) {
      return query(connection, sql);
    }
  }

  /** Logs keys as the mover's triggers do. */
  private void capture(TestDatabase side) throws SQLException {
    List<MovingTable> all;
    try (Connection connection = open(side)) {
      all = MovingTables.read(connection, keyspace());
    }
    for (MovingTable table : all) {
      String log = ObjectNames.keyLog(MOVER.migration(), table.number());
      String function = "shardwright.capture_7_" + table.number();
      side.execute(
          """
          create table %1$s (log_position int8 generated always as identity primary key, %2$s);
          create function %3$s() returns trigger language plpgsql security definer as $body$
          begin
            if current_setting('shardwright.mover', true)
                is not distinct from '7:' || pg_current_xact_id() then
              return null;
            end if;
            perform pg_advisory_xact_lock_shared(%10$d, 7);
            if tg_op <> 'INSERT' then
              insert into %1$s (%4$s) select %6$s where %8$s;
            end if;
            if tg_op <> 'DELETE' then
              insert into %1$s (%4$s) select %7$s where %9$s;
            end if;
            return null;
          end $body$;
          create trigger zzz_shardwright_capture_7 after insert or update or delete on %5$s
            for each row execute function %3$s();
          alter table %5$s enable always trigger zzz_shardwright_capture_7;
          """
              .formatted(
                  log,
                  keyColumns(side, table),
                  function,
                  names(table, i -> "k" + (i + 1)),
                  table.sql(),
                  names(table, i -> "old." + table.key().get(i).sql()),
                  names(table, i -> "new." + table.key().get(i).sql()),
                  inRanges(table, "old."),
                  inRanges(table, "new."),
                  AdvisoryLocks.GATE));
    }
  }

  private static String keyColumns(TestDatabase side, MovingTable table) throws SQLException {
    List<MovingColumn> key = table.key();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      String collation =
          query(
                  side,
                  """
                  select coalesce((select ' collate ' || c.oid::regcollation
                      from pg_collation c where c.oid = attcollation), '')
                    from pg_attribute where attrelid = %s::regclass and attname = %s
                  """
                      .formatted(SqlText.literal(table.sql()), SqlText.literal(key.get(i).name())))
              .get(0);
      columns.add("k" + (i + 1) + " " + key.get(i).type() + collation + " not null");
    }
    return String.join(", ", columns);
  }

  private static String names(MovingTable table, IntFunction<String> name) {
    return IntStream.range(0, table.key().size()).mapToObj(name).collect(Collectors.joining(", "));
  }

  private String inRanges(MovingTable table, String row) {
    String column =
        row + '"' + table.definition().keyColumn().orElseThrow().replace("\"", "\"\"") + '"';
    return table.tokens().sqlCondition(column, ranges);
  }

  @Override
  public void close() throws SQLException {
    try (source;
        target) {
      // both, whatever becomes of the first
    }
  }
}
