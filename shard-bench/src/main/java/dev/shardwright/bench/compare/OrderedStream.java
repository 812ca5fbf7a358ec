package dev.shardwright.bench.compare;

import dev.shardwright.bench.Numbers;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Reads millions of rows of four shards in order, in a JVM whose heap could not hold a fraction of
 * them. The servers run beside it.
 *
 * <p>Argument: how many rows (default 10,000,000).
 */
public final class OrderedStream {
  private static final int SHARDS = 4;
  private static final String HEAP = "-Xmx64m";
  private static final long PATIENCE_MINUTES = 30;

  private OrderedStream() {}

  /** Fills the shards and has another JVM read them. */
  public static void main(String[] arguments) throws Exception {
    long rows = Numbers.of(arguments, 10_000_000)[0];
    run(rows, System.out);
  }

  static void run(long rows, PrintStream out) throws Exception {
    try (BenchCluster cluster = BenchCluster.start(SHARDS)) {
      fill(cluster, rows);
      String url =
          "jdbc:shardwright://%s/%s?user=%s&password=%s"
              .formatted(
                  cluster.zooKeeper(),
                  BenchCluster.NAME,
                  encoded(cluster.servers().get(0).user()),
                  encoded(cluster.servers().get(0).password()));
      out.print(readElsewhere(url, rows));
    }
  }

  private static String readElsewhere(String url, long rows) throws Exception {
    Process reader =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    HEAP,
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Reader.class.getName(),
                    url,
                    Long.toString(rows)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String said = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!reader.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES) || reader.exitValue() != 0) {
        throw new IOException("the reading JVM failed: " + said);
      }
      return said;
    } finally {
      reader.destroyForcibly();
    }
  }

  /** Each shard makes the rows that it owns. */
  private static void fill(BenchCluster cluster, long rows) throws SQLException {
    KeyspaceTopology keyspace;
    try (var admin = cluster.admin()) {
      keyspace = admin.topology().keyspace(BenchCluster.KEYSPACE).orElseThrow();
    }
    TokenFunction tokens = keyspace.tokenFunction();
    for (int i = 0; i < SHARDS; i++) {
      KeyRangeSet owned = keyspace.placement(Region.ALL).rangesOf(BenchCluster.shard(i));
      cluster
          .servers()
          .get(i)
          .execute(
              """
              insert into accounts
              select k, 'owner ' || k, (k * 7919 %% 1000003) / 100.0
                from generate_series(1::bigint, %d) k where %s
              """
                  .formatted(rows, tokens.sqlCondition("k", owned)));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The JVM with the small heap. */
  static final class Reader {
    private static final String ORDERED =
        "select account_id, owner, balance from accounts order by balance desc, account_id";
    private static final int FETCH_SIZE = 1_000;

    private Reader() {}

    /** Reads all rows, and fails unless they come in order and none is missing. */
    public static void main(String[] arguments) throws SQLException {
      long began = System.nanoTime();
      long expected = Long.parseLong(arguments[1]);
      long read = 0;
      try (Connection connection = DriverManager.getConnection(arguments[0]);
          Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCH_SIZE);
        try (ResultSet rows = statement.executeQuery(ORDERED)) {
          double balance = Double.MAX_VALUE;
          long id = 0;
          while (rows.next()) {
            double next = rows.getDouble(3);
            if (next > balance || (next == balance && rows.getLong(1) <= id)) {
              throw new SQLException("out of order after " + read + " rows");
            }
            balance = next;
            id = rows.getLong(1);
            read++;
          }
        }
      }
      if (read != expected) {
        throw new SQLException("read " + read + " rows of " + expected);
      }
      System.out.printf(
          Locale.ROOT,
          "%,d rows of %d shards in order within a heap of %d MiB: %.1f s%n",
          read,
          SHARDS,
          Runtime.getRuntime().maxMemory() >> 20,
          (System.nanoTime() - began) / 1e9);
    }
  }
}
