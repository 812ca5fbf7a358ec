package dev.shardwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.ChildJvm;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.zookeeper.MigrationDocuments;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What daemons carry out, alone and together. */
@Tag("slow")
class DaemonMovesIT {
  private static final int ROWS = 2_000;
  private static final Duration PATIENCE = RunningDaemon.PATIENCE;

  @Test
  void aRebalanceIsStartedSteeredAndDoneOverHttp() throws Exception {
    try (CliCluster cluster = grown();
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      assertThat(daemon.getWithToken("/api/plan").is(200).body()).contains("\"blocked\":false");
      String order =
          "{\"by\":\"tokens\",\"maxRate\":\"1kB\",\"rollbackWindow\":\"1h\",\"maxPause\":\"1s\"}";
      assertThat(daemon.post("/api/rebalance", order).is(202).body())
          .isEqualTo("{\"migrations\":[1]}");
      await().atMost(PATIENCE).until(() -> migration(daemon).contains("\"state\":\"COPYING\""));
      assertThat(daemon.post("/api/rebalance", "{}").is(202).body())
          .as("what moves already is not moved again")
          .isEqualTo("{\"migrations\":[]}");
      assertThat(daemon.post("/api/migrations/1/pause", "{}").is(200).body())
          .contains("\"desired\":\"PAUSE\"");
      assertThat(daemon.post("/api/migrations/1/rollback", "{}").is(409).body())
          .contains("not in its rollback window");
      daemon.post("/api/migrations/1/resume", "{}").is(200);
      daemon.post("/api/migrations/1/abort", "").is(200);
      await().atMost(PATIENCE).until(() -> migration(daemon).contains("\"state\":\"ABORTED\""));
      daemon.post("/api/migrations/1/resume", "{}").is(409);

      assertThat(
              daemon
                  .post("/api/rebalance", "{\"rollbackWindow\":\"1h\",\"maxPause\":\"1s\"}")
                  .is(202)
                  .body())
          .isEqualTo("{\"migrations\":[2]}");
      await()
          .atMost(PATIENCE)
          .until(() -> daemon.get("/api/migrations/2").body().contains("\"state\":\"IN_WINDOW\""));
      assertThat(daemon.get("/api/migrations/2").body()).contains("{\"part\":\"gate\",\"time\":");
      daemon.post("/api/migrations/2/rollback", "{}").is(200);
      ServeIT.awaitDone(daemon, 2);
      assertThat(daemon.get("/api/migrations/2").body()).contains("\"outcome\":\"TAKEN_BACK\"");

      daemon.post("/api/rebalance", "{\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}").is(202);
      ServeIT.awaitDone(daemon, 3);
      assertThat(daemon.get("/api/migrations/3").body()).contains("\"outcome\":\"MOVED\"");
      assertEachRowOnce(cluster);
    }
  }

  @Test
  void thePlanThatWasShownIsStartedAndNoOther() throws Exception {
    try (CliCluster cluster = grown();
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      String shown = plan(daemon);
      cluster.add("s3", CliCluster.ORDERS);
      String newer = plan(daemon);
      String order = "{\"plan\":\"%s\",\"maxRate\":\"1kB\"}";
      assertThat(daemon.post("/api/rebalance", order.formatted(shown)).is(202).body())
          .as("a plan as of now has two moves")
          .isEqualTo("{\"migrations\":[1]}");
      assertThat(migration(daemon)).contains("\"source\":\"s1\"", "\"target\":\"s2\"");
      for (String past : List.of(shown, newer)) {
        assertThat(daemon.post("/api/rebalance", order.formatted(past)).is(409).body())
            .contains("migration 1", "has some of the same ranges");
      }
      assertThat(daemon.post("/api/rebalance", order.formatted("x")).is(409).body())
          .contains("does not know plan 'x'", "make a new one");
    }
  }

  private static String plan(RunningDaemon daemon) {
    Matcher matcher =
        Pattern.compile("\"plan\":\"([^\"]+)\"")
            .matcher(daemon.getWithToken("/api/plan").is(200).body());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  @Test
  void aPlanThatIsBlockedIsNotBegun() throws Exception {
    try (CliCluster cluster = grown();
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      cluster.execute("s2", "alter table orders add column extra int");
      assertThat(daemon.getWithToken("/api/plan").is(200).body()).contains("\"blocked\":true");
      assertThat(daemon.post("/api/rebalance", "{}").is(409).body())
          .contains("{\"error\":\"the plan cannot be carried out", "definitions");
      assertThat(daemon.get("/api/migrations").body())
          .isEqualTo("{\"migrations\":[],\"illegible\":[]}");
    }
  }

  @Test
  void aMigrationThatCannotBeReadIsToldBesideAllThatCan() throws Exception {
    try (CliCluster cluster = grown();
        ZooKeeperCluster zooKeeper = ZooKeeperCluster.connect(cluster.zooKeeper(), "prod");
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      MigrationDocuments documents = zooKeeper.migrations();
      documents.create(
          documents.newNumber(), "{\"format\":2}".getBytes(UTF_8), "RUN".getBytes(UTF_8));
      await()
          .atMost(PATIENCE)
          .until(() -> daemon.get("/api/alerts").body().contains("\"migration_illegible\""));
      assertThat(daemon.get("/api/alerts").body())
          .contains("migration 1", "no_router")
          .doesNotContain("zookeeper_lost");
      String why = "journal migrations/1 has format 2";
      assertThat(daemon.get("/api/migrations").is(200).body())
          .contains("\"migrations\":[]", "\"illegible\":[{\"number\":1,\"why\":\"" + why);
      assertThat(daemon.getWithToken("/api/plan").is(200).body()).contains("\"blocked\":true");
      assertThat(cluster.run("migration", "list").done().err())
          .contains("Warning: migration 1 cannot be read: " + why);
      assertThat(cluster.run("migration", "watch", "--no-lead").is(1).err())
          .contains("Warning: migration 1 cannot be read: " + why);
      assertThat(cluster.run("doctor").is(1).out()).contains("admin role", "migration 1 has");
    }
  }

  @Test
  void theCommandLineMovesWhileADaemonLeads() throws Exception {
    try (CliCluster cluster = grown();
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      ServeIT.awaitLeading(daemon);
      cluster.rebalance();
      assertThat(daemon.get("/health").body()).contains("\"leads\":true");
      assertEachRowOnce(cluster);
    }
  }

  @Test
  void anotherDaemonFinishesWhatAKilledOneLed(@TempDir Path home) throws Exception {
    writePasswordFile(home);
    try (CliCluster cluster = grown();
        ChildJvm killed = startProcess(cluster, home)) {
      assertThat(killed.hear(PATIENCE)).startsWith("Serving http://127.0.0.1:");
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.run("status").out().contains("leader   shard-admin serve"));
      try (RunningDaemon heir = RunningDaemon.withToken(cluster)) {
        heir.post(
                "/api/rebalance",
                "{\"maxRate\":\"50kB\",\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}")
            .is(202);
        await()
            .atMost(PATIENCE)
            .until(
                () -> heir.get("/api/migrations/1").body().matches(".*COPYING.*\"rows\":[1-9].*"));
        assertThat(heir.get("/health").body()).contains("\"leads\":false");
        killed.kill();
        assertThat(heir.get("/api/migrations/1").body()).as("much is left").doesNotContain("MOVED");
        ServeIT.awaitLeading(heir);
        ServeIT.awaitDone(heir, 1);
        assertThat(heir.get("/api/migrations/1").body()).contains("\"outcome\":\"MOVED\"");
      }
      assertEachRowOnce(cluster);
      cluster.run("fsck").done();
    }
  }

  private static ChildJvm startProcess(CliCluster cluster, Path home) {
    return ChildJvm.start(
        List.of("-Duser.home=" + home),
        Cli.class,
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--zookeeper",
        cluster.zooKeeper(),
        "--cluster",
        "prod");
  }

  private static void writePasswordFile(Path home) throws Exception {
    Path file =
        Files.writeString(home.resolve(".pgpass"), "*:*:*:*:" + PostgresServer.shared().password());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static CliCluster grown() throws SQLException {
    CliCluster cluster = CliCluster.withOrders("s1");
    cluster.execute(
        "s1",
        "insert into orders select k, n, repeat('x', 200)"
            + " from generate_series(1, 500) k, generate_series(1, 4) n");
    cluster.execute("s1", "vacuum analyze orders");
    cluster.add("s2", CliCluster.ORDERS);
    return cluster;
  }

  private static String migration(RunningDaemon daemon) {
    return daemon.get("/api/migrations/1").body();
  }

  private static void assertEachRowOnce(CliCluster cluster) throws SQLException {
    String keys = "select user_id || '/' || id from orders";
    List<String> all = new ArrayList<>(cluster.query("s1", keys));
    all.addAll(cluster.query("s2", keys));
    assertThat(all).doesNotHaveDuplicates().hasSize(ROWS);
    assertThat(cluster.query("s2", keys)).isNotEmpty();
  }
}
