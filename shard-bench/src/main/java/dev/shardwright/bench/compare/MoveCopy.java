package dev.shardwright.bench.compare;

import dev.shardwright.bench.Figures;
import dev.shardwright.bench.Numbers;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.internal.schema.DatabaseIdentity;
import dev.shardwright.internal.schema.SchemaInstaller;
import dev.shardwright.rebalance.internal.copy.CopyOptions;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.TableCopy;
import dev.shardwright.rebalance.internal.database.MoverDatabase;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.SessionLimits;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.internal.verify.RowVerification;
import dev.shardwright.rebalance.internal.verify.ShortLogs;
import dev.shardwright.rebalance.internal.verify.Verified;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * Moves half of a table's rows to an empty table on another server, with checkpoints, and compares
 * them; the floor is one binary COPY for each of two halves of the same rows, at the same time,
 * into the same indexes. No other work runs on the servers.
 *
 * <p>Arguments: rounds (default 5), rows of the table (default 2,000,000).
 */
public final class MoveCopy {
  private static final int LANES = 2;
  private static final MoverIdentity MOVER = new MoverIdentity(1, 1);
  private static final KeyRangeSet RANGES = KeyRangeSet.of(new KeyRange(0, Long.MAX_VALUE));
  private static final SessionLimits LIMITS =
      new SessionLimits(
          Duration.ofMinutes(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(30),
          Duration.ofMinutes(30));
  private static final String TABLE =
      """
      create table orders (customer bigint, id bigint, placed timestamptz not null,
        amount numeric(12, 2) not null, note text not null, primary key (customer, id));
      create index on orders (placed);
      create index on orders ((pg_catalog.hashint8extended(customer, 0)));
      """;

  private final PostgresServer source;
  private final PostgresServer target;

  private MoveCopy(PostgresServer source, PostgresServer target) {
    this.source = source;
    this.target = target;
  }

  /** Runs the comparison and prints its table. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 5, 2_000_000);
    int rounds = Math.toIntExact(numbers[0]);
    long rows = numbers[1];
    run(rounds, rows, System.out);
  }

  static void run(int rounds, long rows, PrintStream out) throws Exception {
    try (PostgresServer source = PostgresServer.start();
        PostgresServer target = PostgresServer.start()) {
      MoveCopy comparison = new MoveCopy(source, target);
      comparison.setUp(rows);
      comparison.compare(rounds, out);
    }
  }

  private void setUp(long rows) throws SQLException {
    for (PostgresServer server : List.of(source, target)) {
      server.execute(TABLE);
      try (Connection connection = server.connect()) {
        SchemaInstaller.claim(connection, new DatabaseIdentity("bench", shard(server).id()));
      }
      server.execute("insert into shardwright.mover values (1, 1)");
    }
    source.execute(
        """
        insert into orders select k %% (%1$d / 10 + 1), k,
            timestamptz '2024-01-01' + k * interval '1 s', k %% 100000 / 100.0,
            repeat('note ' || k, 4)
          from generate_series(1::bigint, %1$d) k
        """
            .formatted(rows));
    source.execute("vacuum analyze orders");
    source.execute(
        "create table shardwright.key_log_1_1 (log_position int8 generated always as identity"
            + " primary key, k1 int8, k2 int8)");
  }

  private void compare(int rounds, PrintStream out) throws Exception {
    MovingTable table;
    try (Connection from = open(source)) {
      table = MovingTables.read(from, keyspace()).get(0);
    }
    List<Double> floors = new ArrayList<>();
    List<Double> speeds = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    long moved = 0;
    for (int round = -1; round < rounds; round++) {
      boolean floorFirst = round % 2 == 0;
      double floor = floorFirst ? plainCopy(table) : 0;
      double copy = move(table);
      long began = System.nanoTime();
      moved = verify(table).rows();
      double verification = seconds(began);
      floor = floorFirst ? floor : plainCopy(table);
      if (round >= 0) {
        floors.add(floor);
        speeds.add(floor / copy);
        shares.add(verification / copy);
      }
    }
    out.printf(
        Locale.ROOT,
        "%nMoving %,d rows in %d lanes, %d rounds; the floor is one binary COPY a lane: %.2f s%n",
        moved,
        LANES,
        rounds,
        Figures.of(floors).median());
    print(out, "copy, of the floor's speed", speeds);
    print(out, "verification, of copy time", shares);
  }

  private static void print(PrintStream out, String what, List<Double> ratios) {
    Figures figures = Figures.of(ratios);
    out.printf(
        Locale.ROOT,
        "| %-28s | %5.3f (%5.3f - %5.3f) |%n",
        what,
        figures.median(),
        figures.least(),
        figures.most());
  }

  private double move(MovingTable table) throws Exception {
    clear();
    long began = System.nanoTime();
    TableCopy copy =
        new TableCopy(
            table,
            RANGES,
            MOVER,
            () -> open(source),
            () -> open(target),
            drain(table),
            Throttle.none(),
            CopyOptions.DEFAULTS);
    copy.run();
    return seconds(began);
  }

  private Verified verify(MovingTable table) throws Exception {
    KeyLogDrain drain = drain(table);
    Verified verified =
        new RowVerification(
                RowOrder.byKey(table),
                RANGES,
                () -> open(source),
                () -> open(target),
                drain,
                Throttle.none())
            .run(LANES, new ShortLogs(List.of(drain), Throttle.none()));
    if (!verified.same() || verified.broughtAgain() > 0) {
      throw new IllegalStateException("rows differ: " + verified);
    }
    return verified;
  }

  private static KeyLogDrain drain(MovingTable table) {
    return new KeyLogDrain(table, RANGES, MOVER, 500);
  }

  /** What somebody would write by hand who knew where to part the rows. */
  private double plainCopy(MovingTable table) throws Exception {
    clear();
    String middle;
    try (Connection from = open(source);
        var statement = from.createStatement();
        var row = statement.executeQuery("select max(customer) / 2 from public.orders")) {
      row.next();
      middle = row.getString(1);
    }
    ExecutorService executor = Executors.newFixedThreadPool(LANES);
    try {
      long began = System.nanoTime();
      List<Callable<Long>> halves =
          List.of(
              () -> plainCopy(table, "customer <= " + middle),
              () -> plainCopy(table, "customer > " + middle));
      for (Future<Long> half : executor.invokeAll(halves)) {
        half.get();
      }
      return seconds(began);
    } finally {
      executor.shutdownNow();
    }
  }

  private long plainCopy(MovingTable table, String half) throws SQLException {
    try (Connection from = open(source);
        Connection to = open(target)) {
      CopyOut out =
          from.unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut(
                  "copy (select %s from %s where %s and %s) to stdout with (format binary)"
                      .formatted(table.columnList(), table.sql(), half, table.inRanges(RANGES)));
      CopyIn in =
          to.unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "copy %s (%s) from stdin with (format binary)"
                      .formatted(table.sql(), table.columnList()));
      byte[] buffer = new byte[1 << 16];
      int filled = 0;
      for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
        if (filled + row.length > buffer.length) {
          in.writeToCopy(buffer, 0, filled);
          filled = 0;
        }
        System.arraycopy(row, 0, buffer, filled, row.length);
        filled += row.length;
      }
      in.writeToCopy(buffer, 0, filled);
      return in.endCopy();
    }
  }

  private void clear() throws SQLException {
    target.execute("truncate orders, shardwright.copy_position");
    target.execute("checkpoint");
  }

  private Connection open(PostgresServer server) throws SQLException {
    return new MoverDatabase(
            (shard, endpoint, role) -> Credentials.of(server.user(), server.password()),
            shard(server),
            MOVER)
        .open(LIMITS);
  }

  private Shard shard(PostgresServer server) {
    return Shard.of(
        ShardId.of(server == source ? "s" : "t"), new Endpoint(server.url(), server.user()));
  }

  private static KeyspaceTopology keyspace() {
    TableName name = TableName.of("orders");
    Placement placement = Placement.of(PlacementByTokens.layOut(Map.of(ShardId.of("s"), 100), 8));
    return new KeyspaceTopology(
        "shop",
        Strategy.HASH,
        Optional.of(KeyType.BIGINT),
        8,
        new TreeSet<>(),
        new TreeMap<>(Map.of(name, ShardedTable.of(name, "customer"))),
        new TreeMap<>(Map.of(Region.ALL, placement)));
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
