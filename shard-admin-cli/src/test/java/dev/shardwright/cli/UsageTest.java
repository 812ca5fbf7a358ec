package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.cli.session.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
  private final Map<String, String> environment = new HashMap<>();

  @Test
  void helpIsForEveryCommandAndTeachesByExamples() {
    assertThat(run("--help").done().out()).contains("shard-admin init", "Exit codes");
    assertThat(run("shard", "add", "--help").done().out())
        .contains("Examples:", "--url=JDBC-URL", "--zookeeper");
    assertThat(run("--version").done().out()).startsWith("shard-admin ");
    assertThat(run("keyspace", "create", "--help").done().out()).contains("--split-at");
  }

  @Test
  void anUnknownCommandIsWrongUsageAndTheNearestIsNamed() {
    Result result = run("statsu").is(2);
    assertThat(result.err())
        .contains("unknown command 'statsu'", "status", "See: shard-admin --help");
    assertThat(result.out()).isEmpty();
    assertThat(run("shard", "ad").is(2).err()).contains("unknown command 'ad'");
    assertThat(run().is(2).err()).contains("Missing required subcommand");
  }

  @Test
  void complaintsDoNotSteerTheTerminal() {
    assertThat(run("stat\u001b[2J\u009b").is(2).err()).contains("unknown command 'stat [2J '");
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "\u001b[2J");
    assertThat(run("status", "--verbose").is(2).err())
        .contains("' [2J'", "\tat ")
        .doesNotContain("\u001b");
  }

  @Test
  void argumentsThatTheLocaleGarbledAreRefused() {
    assertThat(run("route", "shop", "J\uFFFD\uFFFDrg").is(2).err())
        .contains("'J\uFFFD\uFFFDrg'", "LC_ALL=C.UTF-8");
  }

  @Test
  void whatIsMissingIsNamedWithTheWaysToGiveIt() {
    assertThat(run("status").is(2).err())
        .contains("which ZooKeeper", "--zookeeper", "SHARDWRIGHT_ZOOKEEPER", "--config");
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    assertThat(run("status").is(2).err()).contains("which cluster", "SHARDWRIGHT_CLUSTER");
    assertThat(run("shard", "add", "s1").is(2).err()).contains("--url");
  }

  @Test
  void valuesThatCannotBeAreRefusedWithWhatCouldBe() {
    assertThat(run("shard", "show", "S1").is(2).err()).contains("shard id 'S1' does not match");
    assertThat(run("keyspace", "create", "k", "--strategy", "random").is(2).err())
        .contains("'random' is no strategy; there are [hash, range, single]");
    assertThat(run("status", "--output", "xml").is(2).err()).contains("[table, json]");
  }

  @Test
  void whatIsForMovingIsRefusedWhereNothingIsToMove() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    for (String option :
        List.of(
            "--dry-run",
            "--yes",
            "--max-rate=20MB",
            "--rollback-window=1h",
            "--max-pause=50ms",
            "--wait=clean")) {
      assertThat(run("pin", "shop", "4711", "s3", option).is(2).err())
          .as(option)
          .contains("--move");
    }
    assertThat(run("pin", "--help").done().out()).contains("--dry-run", "--move", "--region");
  }

  @Test
  void valuesOutOfBoundsAreRefusedBeforeAnythingIsDone() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    for (String time : List.of("0", "999ms", "86401", "999999999d")) {
      assertThat(run("query", "select 1", "--timeout", time).is(2).err())
          .contains("--timeout takes a time from 1s to 1d, not");
      assertThat(run("load", "orders", "orders.csv", "--timeout", time).is(2).err())
          .contains("--timeout takes a time from 1s to 1d, not");
      assertThat(run("fsck", "--timeout", time).is(2).err())
          .contains("--timeout takes a time from 1s to 1d, not");
      assertThat(run("skew", "--watch", "--every", time).is(2).err())
          .contains("--every takes a time from 1s to 1d, not");
    }
    for (String rows : List.of("-5", "0", "1000001")) {
      assertThat(run("query", "select 1", "--max-rows", rows).is(2).err())
          .contains("--max-rows takes a number from 1 to 1000000, not " + rows);
    }
    for (String top : List.of("-1", "11")) {
      assertThat(run("skew", "--top", top).is(2).err())
          .contains("--top takes a number from 0 to 10, not " + top);
    }
    assertThat(run("rebalance", "--max-pause", "1001ms").is(2).err())
        .contains("a pause of PT1.001S is not within 1 ms to PT1S");
    assertThat(run("rebalance", "--dry-run", "--rollback-window", "8d").is(2).err())
        .contains("a rollback window of PT192H is not within 0 to PT168H");
  }

  @Test
  void optionsOfAnotherStrategyAreRefused() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    Map<String, List<String>> wrong =
        Map.of(
            "hash", List.of("--split-at=7", "--home=s1"),
            "range", List.of("--virtual-nodes=8", "--home=s1"),
            "single",
                List.of("--virtual-nodes=8", "--split-at=7", "--regions=eu,us", "--key-type=uuid"));
    wrong.forEach(
        (strategy, options) ->
            options.forEach(
                option ->
                    assertThat(
                            run("keyspace", "create", "k", "--strategy", strategy, option)
                                .is(2)
                                .err())
                        .as(strategy)
                        .contains(option.substring(0, option.indexOf('=')) + " is for strategy")));
  }

  @Test
  void whatAStrategyNeedsIsAskedFor() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    Map.of("hash", "--key-type TYPE", "range", "--key-type TYPE", "single", "--home SHARD")
        .forEach(
            (strategy, option) ->
                assertThat(run("keyspace", "create", "k", "--strategy", strategy).is(2).err())
                    .contains("strategy " + strategy + " needs " + option));
  }

  @Test
  void whereZooKeeperCannotBeIsWrongUsage() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "zk1:2181apps");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    List<List<String>> commands =
        List.of(
            List.of("status"),
            List.of("route", "shop", "1"),
            List.of("explain", "select 1"),
            List.of("skew"));
    for (List<String> command : commands) {
      assertThat(run(command.toArray(String[]::new)).is(2).err())
          .contains("'zk1:2181apps' does not say where ZooKeeper is", "Write HOST:PORT");
    }
  }

  @Test
  void replicasAreTakenAwayOnlyIfThatIsSaid() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    assertThat(run("shard", "set-replicas", "s1").is(2).err()).contains("--none", "shard s1");
    assertThat(run("shard", "set-replicas", "s1", "jdbc:postgresql:x", "--none").is(2).err())
        .contains("leave it out, or the URLs");
  }

  @Test
  void ctrlCEndsAQuestion() throws Exception {
    CountDownLatch typed = new CountDownLatch(1);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    FutureTask<Integer> command =
        new FutureTask<>(() -> run(nobodyTypes(typed), err, "migration", "abort", "7"));
    Thread thread = new Thread(command, "usage-test");
    thread.start();
    try {
      await().until(() -> err.toString(StandardCharsets.UTF_8).endsWith("[y/N] "));
      thread.interrupt();
      assertThat(command.get(60, TimeUnit.SECONDS)).isEqualTo(130);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains("interrupted");
    } finally {
      typed.countDown();
      thread.join();
    }
  }

  /** A terminal, which does not care for interruptions. */
  private static InputStream nobodyTypes(CountDownLatch typed) {
    return new InputStream() {
      @Override
      public int read() {
        while (typed.getCount() > 0) {
          LockSupport.parkNanos(1_000_000);
          Thread.interrupted();
        }
        return -1;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        return read();
      }
    };
  }

  @Test
  void shardsThatCannotBeAreRefused() {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    for (int weight : new int[] {0, 10_001}) {
      String given = Integer.toString(weight);
      assertThat(run("shard", "weight", "s1", given).is(2).err())
          .contains("the weight takes a number from 1 to 10000, not " + weight);
      assertThat(
              run("shard", "add", "s1", "--url", "jdbc:postgresql:x", "--weight", given)
                  .is(2)
                  .err())
          .contains("weight " + weight + " of shard s1 is not within");
    }
    Map.of(
            "jdbc:mysql://localhost/x", "must begin with jdbc:postgresql:",
            "jdbc:postgresql://u:secret@localhost/x", "must not name a user or a password")
        .forEach(
            (url, reason) ->
                Stream.of(
                        new String[] {"shard", "add", "s1", "--url", url},
                        new String[] {
                          "shard", "add", "s1", "--url", "jdbc:postgresql:x", "--replica", url
                        },
                        new String[] {
                          "adopt",
                          "s1",
                          "--url",
                          url,
                          "--keyspace",
                          "k",
                          "--key-type",
                          "bigint",
                          "--table",
                          "t=c"
                        })
                    .forEach(
                        command ->
                            assertThat(run(command).is(2).err())
                                .contains(reason)
                                .doesNotContain("secret")));
  }

  @Test
  void aTokenThatIsNoneIsRefused(@TempDir Path directory) throws Exception {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    Path file = directory.resolve("token");
    for (String content : List.of("", "\n", " \na-token-in-the-second-line\n")) {
      Files.writeString(file, content);
      assertThat(run("serve", "--token-file", file.toString()).is(2).err())
          .contains("the token is shorter than 16 characters");
    }
    assertThat(run("serve", "--token-file", directory.resolve("none").toString()).is(2).err())
        .contains("cannot be read", "no such file");
  }

  @Test
  void theConfigurationFileIsTheLastPlaceToLook(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("prod.properties"), "zookeeper = zk:2181\n");
    assertThat(run("status", "--config", file.toString()).is(2).err()).contains("which cluster");
    Files.writeString(file, "zokeeper = zk:2181\n");
    assertThat(run("status", "--config", file.toString()).is(2).err())
        .contains("unknown settings [zokeeper]", "zookeeper.truststore");
    assertThat(run("status", "--config", directory + "/none").is(2).err())
        .contains("none cannot be read");
  }

  @Test
  void halfALoginIsNoLogin(@TempDir Path directory) throws Exception {
    environment.put("SHARDWRIGHT_ZOOKEEPER", "localhost:1");
    environment.put("SHARDWRIGHT_CLUSTER", "prod");
    assertThat(run("status", "--zookeeper-user", "ops").is(2).err())
        .contains("zookeeper.user is given without zookeeper.password")
        .contains("set SHARDWRIGHT_ZOOKEEPER_PASSWORD too");
    String none = directory.resolve("none.p12").toString();
    assertThat(run("status", "--zookeeper-truststore", none).is(2).err())
        .contains("zookeeper.truststore " + none + " cannot be read");
    String store = Files.createFile(directory.resolve("key.p12")).toString();
    assertThat(run("status", "--zookeeper-keystore", store).is(2).err())
        .contains("zookeeper.keystore is given without zookeeper.truststore");
    environment.put("SHARDWRIGHT_ZOOKEEPER_PASSWORD", "secret-1");
    assertThat(run("status").is(2).err())
        .contains("SHARDWRIGHT_ZOOKEEPER_USER")
        .doesNotContain("secret-1");
  }

  @Test
  void anAnswerThatCannotBeWrittenIsAFailure() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    assertThat(run(new PrintStream(full, true, StandardCharsets.UTF_8), err, "completion"))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("could not be written");
  }

  @Test
  void anErrorIsAFailureAndNoInterruption() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new StackOverflowError("too deep");
          }
        };
    assertThat(run(new PrintStream(broken, true, StandardCharsets.UTF_8), err, "completion"))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("internal error", "too deep");
  }

  @Test
  void completionKnowsTheCommands() {
    assertThat(run("completion").done().out()).contains("complete -F", "keyspace", "set-url");
  }

  private Result run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = run(new PrintStream(out, true, StandardCharsets.UTF_8), err, args);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private int run(PrintStream out, ByteArrayOutputStream err, String... args) {
    return run(InputStream.nullInputStream(), false, out, err, args);
  }

  private int run(InputStream terminal, ByteArrayOutputStream err, String... args) {
    PrintStream out =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return run(terminal, true, out, err, args);
  }

  private int run(
      InputStream in,
      boolean terminal,
      PrintStream out,
      ByteArrayOutputStream err,
      String... args) {
    return Cli.run(
        args,
        new Surroundings(
            environment::get,
            Path.of("no-such-directory"),
            in,
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            false));
  }
}
