package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.LeakCheck;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ServeIT {
  static final List<String> ALL =
      List.of(
          "/",
          "/health",
          "/metrics",
          "/api/session",
          "/api/status",
          "/api/ring",
          "/api/skew",
          "/api/skew/history",
          "/api/migrations",
          "/api/migrations/1",
          "/api/routers",
          "/api/alerts",
          "/api/plan?by=rows",
          "/no/such/page");

  @Test
  void saysWhetherItIsUpAndLeadsAndShowsTheCluster() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      awaitLeading(daemon);
      assertThat(daemon.get("/health").is(200).body())
          .contains("\"status\":\"up\"", "\"zookeeper\":true", "\"leader\":\"shard-admin serve");
      assertThat(JsonShape.of(daemon.get("/api/status").is(200).body()))
          .isEqualTo(JsonShape.of(cluster.run("status", "--output", "json").done().out()));
      assertThat(daemon.get("/api/migrations/7").is(404).body()).contains("no migration 7");
      assertThat(daemon.get("/api/migrations/x").is(404).body()).contains("'x' is no number");
      assertThat(daemon.interrupt().is(130).err()).contains("Stopped", "next leader");
      assertThat(cluster.run("status").done().out()).contains("leader   -");
    }
  }

  @Test
  void saysToWhomItIsOpenElsewhere() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.environment.put("SHARDWRIGHT_TOKEN", RunningDaemon.TOKEN);
      try (RunningDaemon daemon = RunningDaemon.at("0.0.0.0:0", cluster)) {
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.said().contains("Anybody who reaches 0.0.0.0:"));
      }
      try (RunningDaemon daemon = RunningDaemon.at("0.0.0.0:0", cluster, "--require-token")) {
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.said().contains("is encrypted, the token neither: put a proxy"));
        assertThat(daemon.said()).doesNotContain("Anybody");
      }
    }
  }

  @Test
  void waitsForAZooKeeperThatGoesAway() throws Exception {
    try (ZooKeeperServer zooKeeper = ZooKeeperServer.start();
        CliCluster cluster = new CliCluster()) {
      cluster.environment.put("SHARDWRIGHT_ZOOKEEPER", zooKeeper.connectString());
      cluster.run("init").done();
      cluster.add("s1", CliCluster.ORDERS);
      try (RunningDaemon daemon = RunningDaemon.start(cluster, "--sample-every", "1s")) {
        awaitLeading(daemon);
        zooKeeper.stop();
        await().atMost(RunningDaemon.PATIENCE).until(() -> daemon.get("/health").status() == 503);
        assertThat(daemon.get("/health").body())
            .contains("\"status\":\"down\"", "\"zookeeper\":false", "\"reason\":\"ZooKeeper");
        assertThat(daemon.get("/api/status").is(503).body()).contains("ZooKeeper is out of reach");
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.get("/api/alerts").body().contains("zookeeper_lost"));
        assertThat(daemon.get("/metrics").is(200).body())
            .contains("shardwright_zookeeper_connected{cluster=\"prod\"} 0");
        zooKeeper.restart();
        awaitLeading(daemon);
        daemon.get("/health").is(200);
        daemon.get("/api/status").is(200);
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> !daemon.get("/api/alerts").body().contains("zookeeper_lost"));
      }
    }
  }

  @Test
  void endsInOrderWhileZooKeeperIsAway() throws Exception {
    try (ZooKeeperServer zooKeeper = ZooKeeperServer.start();
        CliCluster cluster = new CliCluster()) {
      cluster.environment.put("SHARDWRIGHT_ZOOKEEPER", zooKeeper.connectString());
      cluster.run("init").done();
      RunningDaemon daemon = RunningDaemon.start(cluster);
      awaitLeading(daemon);
      zooKeeper.stop();
      await().atMost(RunningDaemon.PATIENCE).until(() -> daemon.get("/health").status() == 503);
      assertThat(daemon.interrupt().is(130).err()).contains("Stopped", "next leader");
    }
  }

  @Test
  void leavesNothingBehindWhenItEnds() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.add("s2", CliCluster.ORDERS);
      LeakCheck leaks = LeakCheck.begin(PostgresServer.shared()).ignoringThreads("HttpClient-");
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster, "--sample-every", "1s")) {
        daemon.post("/api/rebalance", "{\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}").is(202);
        awaitDone(daemon, 1);
        ALL.forEach(daemon::get);
      }
      leaks.check();
    }
  }

  @Test
  void aShardThatGoesAwayIsToldOfAndNoSecretIs() throws Exception {
    String password = "not-to-be-seen";
    PostgresServer server = PostgresServer.shared();
    try (CliCluster cluster = CliCluster.withOrders("s1");
        FaultProxy proxy = FaultProxy.to(server.host(), server.port())) {
      server.createRole("operator_of_serve", password);
      TestDatabase database = cluster.database("s2", CliCluster.ORDERS);
      database.execute("alter role operator_of_serve superuser");
      cluster.environment.put("SHARDWRIGHT_ADMIN_USER", "operator_of_serve");
      cluster.environment.put("SHARDWRIGHT_ADMIN_PASSWORD", password);
      cluster
          .run(
              "shard",
              "add",
              "s2",
              "--url",
              database.url().replace(":" + server.port() + "/", ":" + proxy.port() + "/"))
          .done();
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster, "--sample-every", "1s")) {
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.get("/api/skew").body().contains("\"measuredAt\":\"2"));
        daemon.post("/api/rebalance", "{\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}").is(202);
        awaitDone(daemon, 1);
        assertNoSecret(daemon, password);
        proxy.cut();
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(
                () ->
                    daemon.get("/api/alerts").body().contains("\"subject\":\"shard s2\"")
                        && daemon
                            .get("/metrics")
                            .body()
                            .contains(
                                "shardwright_shard_unreachable{cluster=\"prod\",shard=\"s2\"} 1"));
        assertThat(daemon.get("/api/alerts").body())
            .contains("shard_unreachable", "sample_failed")
            .doesNotContain("\"subject\":\"shard s1\"");
        assertThat(daemon.get("/metrics").body())
            .containsPattern("shardwright_sample_failed_total\\{cluster=\"prod\"} [1-9]");
        cluster.run("skew").refused("sampling keyspace shop on shard s2 failed");
        assertNoSecret(daemon, password);
        proxy.heal();
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> !daemon.get("/api/alerts").body().contains("sample_failed"));
        assertThat(daemon.get("/metrics").body()).doesNotContain("shard_unreachable{");
      }
    }
  }

  private static void assertNoSecret(RunningDaemon daemon, String password) {
    for (String path : ALL) {
      assertThat(daemon.get(path).body())
          .as(path)
          .doesNotContain(password)
          .doesNotContain(RunningDaemon.TOKEN);
    }
    assertThat(daemon.said()).doesNotContain(password).doesNotContain(RunningDaemon.TOKEN);
  }

  static void awaitLeading(RunningDaemon daemon) {
    await()
        .atMost(RunningDaemon.PATIENCE)
        .until(() -> daemon.get("/health").body().contains("\"leads\":true"));
  }

  static void awaitDone(RunningDaemon daemon, int migration) {
    await()
        .atMost(RunningDaemon.PATIENCE)
        .until(
            () -> daemon.get("/api/migrations/" + migration).body().contains("\"state\":\"DONE\""));
  }
}
