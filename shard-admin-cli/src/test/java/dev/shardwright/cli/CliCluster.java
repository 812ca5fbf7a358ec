package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.shardwright.cli.session.Surroundings;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;

/** A cluster of one test, which knows it by nothing but the command line. */
final class CliCluster implements AutoCloseable {
  static {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1)); // machines are busy
  }

  static final String ORDERS =
      "create table orders (user_id bigint, id bigint, note text, primary key (user_id, id))";

  final Map<String, String> environment = new HashMap<>();
  private final Map<String, TestDatabase> databases = new HashMap<>();

  CliCluster() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", ZooKeeperServer.shared().freshConnectString());
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    environment.put("SHARDWRIGHT_USER", PostgresServer.shared().user());
    environment.put("SHARDWRIGHT_PASSWORD", PostgresServer.shared().password());
  }

  /** What a run of the program came to. */
  record Result(int code, String out, String err) {
    Result is(int expected) {
      assertThat(code).as("%s%n%s", out, err).isEqualTo(expected);
      return this;
    }

    Result done() {
      return is(0);
    }

    Result refused(String... parts) {
      is(1);
      assertThat(err).contains(parts);
      assertThat(err.lines()).as(err).hasSizeLessThanOrEqualTo(3).noneMatch(CliCluster::isTrace);
      return this;
    }
  }

  private static boolean isTrace(String line) {
    return line.startsWith("\tat ") || line.contains("Exception");
  }

  /** A cluster that is set up, with shards and a keyspace {@code shop} that has a table. */
  static CliCluster withOrders(String... shards) throws SQLException {
    return withOrdersAt(ZooKeeperServer.shared().freshConnectString(), shards);
  }

  /** The same, known to that ZooKeeper. */
  static CliCluster withOrdersAt(String zooKeeper, String... shards) throws SQLException {
    CliCluster cluster = new CliCluster();
    cluster.environment.put("SHARDWRIGHT_ZOOKEEPER", zooKeeper);
    cluster.run("init").done();
    for (String shard : shards) {
      cluster.add(shard, ORDERS);
    }
    cluster.run("keyspace", "create", "shop", "--strategy", "hash", "--key-type", "bigint").done();
    cluster.run("table", "add", "shop", "orders", "--key", "user_id").done();
    return cluster;
  }

  void add(String shard, String ddl) throws SQLException {
    run("shard", "add", shard, "--url", database(shard, ddl).url()).done();
  }

  TestDatabase database(String shard, String ddl) throws SQLException {
    TestDatabase database = PostgresServer.shared().freshDatabase();
    databases.put(shard, database);
    if (!ddl.isEmpty()) {
      database.execute(ddl);
    }
    return database;
  }

  private TestDatabase database(String shard) {
    return Objects.requireNonNull(databases.get(shard), shard);
  }

  CredentialsProvider credentials() {
    return new EnvironmentCredentials(environment::get, Path.of("no-such-directory"));
  }

  String zooKeeper() {
    return environment.getOrDefault("SHARDWRIGHT_ZOOKEEPER", "");
  }

  String url(String shard) {
    return database(shard).url();
  }

  Result run(String... args) {
    return answering("", false, args);
  }

  /** Moves what is to be moved, to the end; on a machine as busy as those of tests are. */
  @CanIgnoreReturnValue
  Result rebalance() {
    return run(
            "rebalance", "--yes", "--max-pause", "1s", "--rollback-window", "0", "--wait", "clean")
        .done();
  }

  /** Runs the program in front of a person who types that. */
  Result answering(String typed, boolean terminal, String... args) {
    return run(typed, terminal, new ByteArrayOutputStream(), new ByteArrayOutputStream(), args);
  }

  /** Runs the program and lets somebody read along what it says on the error stream. */
  Result listening(ByteArrayOutputStream err, String... args) {
    return run("", false, new ByteArrayOutputStream(), err, args);
  }

  /** Runs the program and lets somebody read along all that it says. */
  Result listening(ByteArrayOutputStream out, ByteArrayOutputStream err, String... args) {
    return run("", false, out, err, args);
  }

  private Result run(
      String typed,
      boolean terminal,
      ByteArrayOutputStream out,
      ByteArrayOutputStream err,
      String... args) {
    int code =
        Cli.run(
            args,
            new Surroundings(
                environment::get,
                Path.of("no-such-directory"),
                new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal,
                terminal));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The program as it is delivered: one file, a process of its own. */
  ProcessBuilder process(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                Path.of("target/shard-admin.jar").toAbsolutePath().toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder;
  }

  Connection connect(String shard) throws SQLException {
    return database(shard).connect();
  }

  void execute(String shard, String sql) throws SQLException {
    database(shard).execute(sql);
  }

  /** The first column of all rows. */
  List<String> query(String shard, String sql) throws SQLException {
    try (Connection connection = database(shard).connect();
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
    for (TestDatabase database : databases.values()) {
      database.close();
    }
  }
}
