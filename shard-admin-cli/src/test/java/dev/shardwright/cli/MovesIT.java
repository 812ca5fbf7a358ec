package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class MovesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NO_ANSWER = "ZooKeeper does not answer";
  private static final String ROWS =
      "insert into orders select k, n, repeat('x', 200)"
          + " from generate_series(1, 500) k, generate_series(1, 4) n";

  @Test
  void addsAShardGivesItItsShareAndTakesItOutAgain() throws Exception {
    try (CliCluster cluster = grown()) {
      assertThat(cluster.run("skew").done().out()).contains("shop  tokens", "2.000");
      assertThat(cluster.run("plan").done().out())
          .contains("Plan: balance by tokens. 1 range moves");
      assertThat(cluster.run("rebalance", "--dry-run").done().out()).contains("s1 -> s2");
      assertThat(cluster.run("rebalance").is(1).err()).contains("Nobody is here", "give --yes");
      Result moved = cluster.rebalance();
      assertThat(moved.out()).contains("MOVED", "DONE");
      assertThat(moved.err()).contains("100%", "DONE");
      assertEachRowOnce(cluster);
      assertThat(cluster.run("skew", "--output", "json").done().out())
          .contains("\"maxOverAverage\" : 1.0");
      assertThat(cluster.run("rebalance").done().out()).contains("Nothing to move");
      cluster.run("shard", "drain", "s1").done();
      cluster.rebalance();
      cluster.run("shard", "remove", "s1", "--yes").done();
      assertThat(cluster.query("s2", "select count(*) from orders")).containsExactly("2000");
    }
  }

  @Test
  void movesTheRowsOfAKeyToTheShardThatItIsPinnedTo() throws Exception {
    try (CliCluster cluster = grown()) {
      cluster.run("pin", "shop", "7", "s2").refused("--move");
      String[] move = {
        "pin", "shop", "7", "s2", "--move", "--yes", "--rollback-window", "0", "--wait", "clean"
      };
      assertThat(cluster.run(move).done().err()).contains("move key '7' of shop");
      assertThat(cluster.query("s2", "select distinct user_id from orders")).containsExactly("7");
      assertThat(cluster.run("route", "shop", "7").done().out()).contains("pinned        yes");
      cluster.run("unpin", "shop", "7").refused("on shard s2", "--move");
      assertThat(cluster.run(move).done().out()).contains("Nothing to move");
      move[3] = "s1";
      cluster.run(move).done();
      cluster.run("unpin", "shop", "7").done();
      assertThat(cluster.query("s1", "select count(*) from orders")).containsExactly("2000");
      assertThat(cluster.query("s2", "select count(*) from orders")).containsExactly("0");
    }
  }

  @Test
  void pinsAKeyThatIsOnItsShardAndRefusesOneThatMoves() throws Exception {
    try (CliCluster cluster = grown()) {
      assertThat(cluster.run("pin", "shop", "7", "s1", "--move", "--dry-run").done().out())
          .contains("key '7', on s1 now, is pinned");
      assertThat(cluster.run("route", "shop", "7").done().out()).contains("pinned        no");
      assertThat(cluster.run("pin", "shop", "7", "s1", "--move", "--yes").done().out())
          .contains("pinned to the shard that it is on");
      assertThat(cluster.run("route", "shop", "7").done().out())
          .contains("pinned        yes", "shard         s1");
      assertThat(cluster.run("pin", "shop", "7", "s1", "--move").done().out())
          .contains("Nothing to move");
      cluster.run("shard", "drain", "s1").done();
      Interruptible moving = new Interruptible(cluster, "rebalance", "--yes", "--max-rate", "1kB");
      awaitCopying(cluster);
      cluster
          .run("pin", "shop", "8", "s2", "--move", "--yes")
          .refused("key '8' stays as it is on s1 until the range move in progress there is done");
      moving.interrupt().is(130);
    }
  }

  @Test
  void takesAMoveBackWithinItsWindow() throws Exception {
    try (CliCluster cluster = grown()) {
      assertThat(cluster.run("rebalance", "--yes", "--max-pause", "1s").done().err())
          .contains("All has moved", "shard-admin migration watch");
      cluster.run("migration", "abort", "1", "--yes").refused("the ranges have changed hands");
      cluster.run("migration", "forget", "1").refused("only one that is DONE or ABORTED");
      cluster.run("migration", "show", "7").refused("there is no migration 7; there are [1]");
      cluster.run("migration", "rollback", "1", "--yes").done();
      assertThat(cluster.run("migration", "watch").done().out()).contains("TAKEN_BACK");
      assertThat(cluster.query("s1", "select count(*) from orders")).containsExactly("2000");
      assertThat(cluster.run("migration", "show", "1", "--output", "json").done().out())
          .contains("\"state\" : \"DONE\"", "\"rollingBack\" : true", "\"part\" : \"gate\"");
      cluster.run("migration", "forget", "1", "7").refused("there is no migration 7");
      assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
    }
  }

  @Test
  void pausesOnInterruptWhatItLedAndGoesOnLater() throws Exception {
    try (CliCluster cluster = grown()) {
      Interruptible rebalance =
          new Interruptible(
              cluster, "rebalance", "--yes", "--max-rate", "1kB", "--rollback-window", "0");
      awaitCopying(cluster);
      Result interrupted = rebalance.interrupt().is(130);
      assertThat(interrupted.err())
          .contains("is paused, and nothing is lost", "migration resume 1 --watch");
      assertThat(cluster.run("migration", "show", "1", "--output", "json").done().out())
          .contains("\"desired\" : \"PAUSE\"");
      Interruptible next = new Interruptible(cluster, "migration", "watch", "1");
      await().atMost(PATIENCE).until(() -> next.err().contains(": paused"));
      next.interrupt().is(130);
      cluster.run("migration", "abort", "1", "--yes").done();
      cluster.run("migration", "watch", "1").is(1);
      cluster.rebalance();
      assertEachRowOnce(cluster);
    }
  }

  @Test
  void aShardThatCannotBeEmptiedYetIsNotTakenForEmpty() throws Exception {
    try (CliCluster cluster = grown()) {
      cluster.run("rebalance", "--yes", "--max-pause", "1s").done();
      assertThat(cluster.run("doctor").done().out()).contains("nothing to move");
      cluster.run("shard", "drain", "s2").done();
      cluster.run("rebalance", "--dry-run").done();
      assertThat(cluster.run("rebalance", "--yes").is(1).err())
          .contains(
              "ring shop has tokens on [s2] still, which should have none: s2 keeps", "range move");
      assertThat(cluster.run("doctor").is(1).out())
          .contains("s2 keeps")
          .doesNotContain("nothing to move");
      cluster.run("shard", "drain", "s1").done();
      assertThat(cluster.run("rebalance", "--yes").is(1).err())
          .contains("no shard there may take what [s1, s2] should give");
      assertThat(cluster.run("doctor").is(1).out()).contains("no shard there may take");
    }
  }

  @Test
  void anExportWhileRangesMoveLeavesTheOneBefore(@TempDir Path directory) throws Exception {
    Path kept = directory.resolve("kept.json");
    try (CliCluster cluster = grown()) {
      cluster.run("export", kept.toString()).done();
      String before = Files.readString(kept);
      cluster.run("rebalance", "--yes", "--max-pause", "1s").done();
      cluster
          .run("export", kept.toString())
          .refused("migrations [1] are under way", "kept.json.moving", "Export again");
      assertThat(kept).hasContent(before);
      assertThat(directory.resolve("kept.json.moving")).content().contains("s2");
    }
  }

  @Test
  void goesOnAfterCtrlCInATerminal(@TempDir Path directory) throws Exception {
    Path err = directory.resolve("err");
    try (CliCluster cluster = grown()) {
      Process rebalance =
          cluster
              .process(
                  "rebalance",
                  "--yes",
                  "--max-pause",
                  "1s",
                  "--max-rate",
                  "15kB",
                  "--rollback-window",
                  "0")
              .redirectError(err.toFile())
              .redirectOutput(directory.resolve("out").toFile())
              .start();
      try {
        awaitCopying(cluster);
        cluster.run("fsck").done();
        new ProcessBuilder("kill", "-INT", Long.toString(rebalance.pid())).start().waitFor();
        assertThat(rebalance.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      } finally {
        rebalance.destroyForcibly();
      }
      assertThat(rebalance.exitValue()).as(Files.readString(err)).isEqualTo(130);
      assertThat(Files.readString(err))
          .contains("is paused, and nothing is lost", "shard-admin migration resume 1 --watch")
          .doesNotContain("Exception");
      assertThat(cluster.run("migration", "resume", "1", "--watch").done().out()).contains("MOVED");
      assertEachRowOnce(cluster);
      assertThat(cluster.query("s2", "select count(*) > 0 from orders")).containsExactly("t");
      cluster.run("fsck").done();
    }
  }

  @Test
  void goesOnMeasuringOnceAShardIsInOrderAgain() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      Interruptible skew = new Interruptible(cluster, "skew", "--watch", "--every", "1s");
      await().atMost(PATIENCE).until(() -> skew.out().contains("shop"));
      cluster.execute("s1", "alter table orders rename to away");
      await().atMost(PATIENCE).until(() -> skew.err().contains("Not measured, to be tried again"));
      cluster.execute("s1", "alter table away rename to orders");
      int soFar = skew.out().length();
      await().atMost(PATIENCE).until(() -> skew.out().length() > soFar);
      assertThat(skew.interrupt().is(130).err()).contains("shard s1", "interrupted");
      cluster.execute("s1", "alter table orders rename to away");
      cluster.run("skew", "--watch").refused("shard s1");
    }
  }

  @Test
  void stopsLookingOnInterrupt() throws Exception {
    try (CliCluster cluster = grown();
        Connection other = cluster.connect("s1");
        Statement statement = other.createStatement()) {
      Interruptible skew = new Interruptible(cluster, "skew", "--watch", "--output", "json");
      await().atMost(PATIENCE).until(() -> skew.out().contains("maxOverAverage"));
      assertThat(skew.interrupt().is(130).err())
          .contains("interrupted", "run the same command again");

      other.setAutoCommit(false);
      statement.execute("lock table orders in access exclusive mode");
      long cancelled = cancelled();
      Interruptible fsck = new Interruptible(cluster, "fsck");
      await().pollInterval(Duration.ofMillis(20)).until(() -> waiting(cluster), "1"::equals);
      assertThat(fsck.interrupt().is(130).err())
          .contains("interrupted", "run the same command again");
      assertThat(cancelled()).as("it does not run on at the server").isGreaterThan(cancelled);
      other.rollback();
      cluster.run("fsck").done();
    }
  }

  private static long cancelled() {
    return PostgresServer.shared()
        .log()
        .lines()
        .filter(line -> line.contains("canceling statement due to user request"))
        .count();
  }

  /** How many sessions wait for a lock in the database of s1. */
  private static String waiting(CliCluster cluster) throws SQLException {
    return cluster
        .query(
            "s1",
            "select count(*) from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock'")
        .get(0);
  }

  @Test
  void detachesOnInterruptFromWhatAnotherLeads() throws Exception {
    try (CliCluster cluster = grown()) {
      Interruptible leader = new Interruptible(cluster, "rebalance", "--yes", "--max-rate", "1kB");
      awaitCopying(cluster);
      assertThat(cluster.run("status").done().out()).contains("leader   shard-admin, process");
      assertThat(cluster.run("rebalance", "--yes", "--max-pause", "1s").done().out())
          .contains("Nothing to move");
      Interruptible onlooker = new Interruptible(cluster, "migration", "watch", "1");
      await().until(() -> onlooker.err().contains("COPYING"));
      assertThat(onlooker.interrupt().is(130).err()).contains("Detached: another process");
      assertThat(leader.interrupt().is(130).err()).contains("is paused");
      assertThat(cluster.run("migration", "list").done().out()).contains("COPYING");
    }
  }

  @Test
  void aPlanThatWouldFailIsNotBegun() throws Exception {
    try (CliCluster cluster = grown()) {
      cluster.execute("s2", "alter table orders add column extra int");
      assertThat(cluster.run("plan").done().out())
          .contains("the plan cannot be started", "blocking (definitions)", "Remedy:");
      assertThat(cluster.run("rebalance", "--yes").is(1).err())
          .contains("the plan cannot be carried out", "blocking (definitions)");
      assertThat(cluster.run("doctor").is(1).out()).contains("healthy  no", "definitions");
      assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
    }
  }

  @Test
  void waitsForAZooKeeperThatGoesAway() throws Exception {
    try (ZooKeeperServer zooKeeper = ZooKeeperServer.start();
        CliCluster cluster = grown(CliCluster.withOrdersAt(zooKeeper.connectString(), "s1"))) {
      Interruptible rebalance =
          new Interruptible(
              cluster,
              "rebalance",
              "--yes",
              "--max-pause",
              "1s",
              "--max-rate",
              "15kB",
              "--rollback-window",
              "0");
      awaitCopying(cluster);
      zooKeeper.stop();
      await().atMost(RunningDaemon.PATIENCE).until(() -> rebalance.err().contains(NO_ANSWER));
      zooKeeper.restart();
      assertThat(rebalance.end().done().err()).containsOnlyOnce(NO_ANSWER);
      cluster.run("migration", "watch").done();
      assertEachRowOnce(cluster);

      cluster.run("shard", "drain", "s1").done();
      Interruptible drain = new Interruptible(cluster, "rebalance", "--yes", "--max-rate", "1kB");
      awaitCopying(cluster);
      zooKeeper.stop();
      await().atMost(RunningDaemon.PATIENCE).until(() -> drain.err().contains(NO_ANSWER));
      assertThat(drain.interrupt().is(130).err())
          .contains("nothing is lost", "is not known", "shard-admin migration watch");
    }
  }

  private static CliCluster grown() throws SQLException {
    return grown(CliCluster.withOrders("s1"));
  }

  private static CliCluster grown(CliCluster cluster) throws SQLException {
    cluster.execute("s1", ROWS);
    cluster.execute("s1", "vacuum analyze orders");
    cluster.add("s2", CliCluster.ORDERS);
    return cluster;
  }

  private static void awaitCopying(CliCluster cluster) {
    await()
        .atMost(PATIENCE)
        .until(() -> cluster.run("migration", "list").out().contains("COPYING"));
  }

  private static void assertEachRowOnce(CliCluster cluster) throws SQLException {
    String keys = "select user_id || '/' || id from orders";
    assertThat(cluster.query("s1", keys)).doesNotContainAnyElementsOf(cluster.query("s2", keys));
    assertThat(cluster.query("s1", keys).size() + cluster.query("s2", keys).size())
        .isEqualTo(2_000);
  }

  /** A run of the program on a thread of its own. */
  private static final class Interruptible {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private final Thread thread;

    Interruptible(CliCluster cluster, String... args) {
      thread =
          new Thread(() -> result.complete(cluster.listening(out, err, args)), "shard-admin-test");
      thread.start();
    }

    String out() {
      return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
      return err.toString(StandardCharsets.UTF_8);
    }

    Result end() {
      return result.join();
    }

    Result interrupt() {
      thread.interrupt();
      return result.join();
    }
  }
}
