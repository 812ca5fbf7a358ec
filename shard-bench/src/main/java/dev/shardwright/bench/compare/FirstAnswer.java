package dev.shardwright.bench.compare;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.shardwright.bench.Figures;
import dev.shardwright.bench.Numbers;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long a router takes from its start to the answer of its first statement, in a JVM that has
 * done the same before: by key, which needs one shard, and over all four. Beside it, a HikariCP
 * pool for one server and the answer of its first statement.
 *
 * <p>Arguments: rounds (default 30).
 */
public final class FirstAnswer {
  private static final int SHARDS = 4;
  private static final int WARM_UP = 20;
  private static final String BY_KEY = "select count(*) from accounts where account_id = ?";
  private static final String OVER_ALL = "select count(*) from accounts";

  private final BenchCluster cluster;

  private FirstAnswer(BenchCluster cluster) {
    this.cluster = cluster;
  }

  /** Starts something, asks it once, and ends it; gives the nanoseconds until the answer. */
  private interface Start {
    long untilAnswered() throws SQLException;
  }

  /** Runs the comparison and prints its table. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Math.toIntExact(Numbers.of(arguments, 30)[0]);
    run(rounds, WARM_UP, System.out);
  }

  static void run(int rounds, int warmUp, PrintStream out) throws Exception {
    try (BenchCluster cluster = BenchCluster.start(SHARDS)) {
      FirstAnswer comparison = new FirstAnswer(cluster);
      out.printf(
          "%nFrom the start to the first answer, %d shards, %d rounds%n"
              + "| | ms median | least | most |%n|---|---|---|---|%n",
          SHARDS, rounds);
      comparison.measure(
          List.of(
              new Contestant("HikariCP + pgjdbc, one server", comparison::pool),
              new Contestant("Shardwright, by key", comparison::byKey),
              new Contestant("Shardwright, over all shards", comparison::overAll)),
          warmUp,
          rounds,
          out);
    }
  }

  private record Contestant(String name, Start start, List<Double> millis) {
    Contestant(String name, Start start) {
      this(name, start, new ArrayList<>());
    }
  }

  private void measure(List<Contestant> contestants, int warmUp, int rounds, PrintStream out)
      throws SQLException {
    for (int round = -warmUp; round < rounds; round++) {
      for (Contestant one : contestants) {
        double millis = one.start().untilAnswered() / 1e6;
        if (round >= 0) {
          one.millis().add(millis);
        }
      }
    }
    for (Contestant one : contestants) {
      Figures figures = Figures.of(one.millis());
      out.printf(
          Locale.ROOT,
          "| %-30s | %6.1f | %6.1f | %6.1f |%n",
          one.name(),
          figures.median(),
          figures.least(),
          figures.most());
    }
  }

  private long pool() throws SQLException {
    PostgresServer server = cluster.servers().get(0);
    long began = System.nanoTime();
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.url());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMinimumIdle(0);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(BY_KEY)) {
      statement.setLong(1, 1);
      statement.executeQuery().close();
      return System.nanoTime() - began;
    }
  }

  private long byKey() {
    long began = System.nanoTime();
    try (ShardRouter router = connect()) {
      router.keyspace(BenchCluster.KEYSPACE).on(1).queryOne(BY_KEY, row -> row.getLong(1), 1L);
      return System.nanoTime() - began;
    }
  }

  private long overAll() {
    long began = System.nanoTime();
    try (ShardRouter router = connect()) {
      router.scatter(OVER_ALL, row -> row.getLong(1));
      return System.nanoTime() - began;
    }
  }

  private ShardRouter connect() {
    return ShardRouter.connect(
        cluster.zooKeeper(),
        BenchCluster.NAME,
        RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
  }
}
