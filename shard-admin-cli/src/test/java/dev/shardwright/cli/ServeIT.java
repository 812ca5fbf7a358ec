package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.RunningDaemon.Reply;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.LeakCheck;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.testkit.ZooKeeperServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeIT {
  private static final List<String> ALL =
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
  void everyAnswerHasTheHeadersThatKeepOthersOut() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      for (String path : ALL) {
        assertHeaders(daemon.get(path), path);
        boolean isData = path.startsWith("/api");
        assertThat(daemon.get(path).header("Cache-Control"))
            .as(path)
            .matches(isData ? "no-store" : "no-store|no-cache");
      }
      assertHeaders(daemon.post("/api/rebalance", "{}"), "refused");
      assertThat(daemon.get("/no/such/page").is(404).body()).startsWith("{\"error\":");
      assertThat(daemon.get("/api/rebalance").is(405).body()).startsWith("{\"error\":");
    }
  }

  @Test
  void servesThePagesFilesAndNoOthers() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      assertThat(daemon.get("/page/lib/uplot/uPlot.esm.js").is(200).header("Content-Type"))
          .startsWith("text/javascript");
      assertThat(daemon.get("/page/lib/uplot/uPlot.min.css").is(200).header("Content-Type"))
          .startsWith("text/css");
      for (String path :
          List.of(
              "/page/..%2fweb%2fWeb.class",
              "/page/..%2F..%2F..%2F..%2FMETA-INF%2Fresources%2Fwebjars%2Fuplot%2F1.6.30%2Fdist%2FuPlot.min.css",
              "/page/lib/uplot/..%2Fdist%2FuPlot.min.css",
              "/page/lib/uplot/..%2F..%2FLICENSE",
              "/page/%2e%2e/x.css",
              "/page/.hidden",
              "/page/nothing.css")) {
        assertThat(daemon.get(path).is(404).body()).as(path).startsWith("{\"error\":");
      }
    }
  }

  @Test
  void onlyRequestsThatNameTheDaemonAreAnswered() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      int port = daemon.port();
      for (String host : List.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port)) {
        assertThat(answerTo(port, host)).as(host).contains(" 200 ", "\"cluster\":\"prod\"");
      }
      for (String host : List.of("evil.example:" + port, "evil.example", "127.0.0.1")) {
        assertThat(answerTo(port, host))
            .as(host)
            .contains(" 403 ", "the Host header does not name this daemon", "nosniff")
            .doesNotContain("prod");
      }
    }
  }

  @Test
  void withoutATokenNothingIsChanged() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      assertThat(daemon.get("/api/session").is(200).body())
          .isEqualTo("{\"writable\":false,\"authorized\":false}");
      cluster.add("s2", CliCluster.ORDERS);
      for (String path : List.of("/api/plan", "/api/plan/", "/api/plan?by=rows")) {
        assertThat(daemon.get(path).is(403).body()).contains("--token-file", "{\"error\":");
      }
      for (String path : List.of("/api/rebalance", "/api/migrations/1/abort")) {
        assertThat(daemon.post(path, "{}").is(403).body()).contains("--token-file", "{\"error\":");
      }
      assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
    }
  }

  @Test
  void withATokenWhoeverHasItMayChangeThings() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      cluster.add("s2", CliCluster.ORDERS);
      assertThat(daemon.get("/api/session").body())
          .contains("\"writable\":true,\"authorized\":false");
      assertThat(daemon.getWithToken("/api/session").body())
          .contains("\"writable\":true,\"authorized\":true");
      daemon.get("/api/plan").is(401);
      daemon.getWithToken("/api/plan").is(200);
      assertThat(daemon.getWithToken("/api/plan?by=size").is(400).body())
          .contains("[tokens, rows, bytes");
      Reply without = daemon.post("/api/rebalance", "{}", null).is(401);
      assertThat(without.header("WWW-Authenticate")).isEqualTo("Bearer");
      assertThat(daemon.post("/api/rebalance", "{}", RunningDaemon.TOKEN + "x").is(401).body())
          .contains("not the daemon's token")
          .doesNotContain(RunningDaemon.TOKEN);
      assertThat(cluster.run("migration", "list").done().out()).contains("(none)");

      assertThat(daemon.post("/api/rebalance", "{\"by\":\"size\"}").is(400).body())
          .contains("'size' is no goal");
      daemon.post("/api/rebalance", "{\"by\":\"" + "x".repeat(20_000) + "\"}").is(413);
      Reply form =
          daemon.send(
              daemon
                  .request("/api/rebalance")
                  .header("Authorization", "Bearer " + RunningDaemon.TOKEN)
                  .header("Content-Type", "text/plain")
                  .POST(BodyPublishers.ofString("{}")));
      assertThat(form.is(415).body()).contains("application/json");
      daemon.post("/api/migrations/7/abort", "{}").is(404);
      assertThat(daemon.post("/api/migrations/7/stop", "{}").is(404).body())
          .contains("pause, resume, abort and rollback");
      assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
    }
  }

  @Test
  void readingNeedsTheTokenWhereThatIsWanted(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), RunningDaemon.TOKEN + "\n");
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon =
            RunningDaemon.start(cluster, "--token-file", file.toString(), "--require-token")) {
      for (String path : List.of("/api/status", "/api/status/", "/metrics", "/metrics/")) {
        daemon.get(path).is(401);
      }
      daemon.get("/health").is(200);
      daemon.get("/api/session").is(200);
      daemon.getWithToken("/api/status").is(200);
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
  void whatCannotBeServedIsSaidAtTheStart(@TempDir Path directory) throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      cluster
          .run("serve", "--listen", address)
          .refused("cannot listen at " + address, "Address already in use", "--listen");
      cluster
          .run("serve", "--listen", "192.0.2.1:8470")
          .refused("cannot listen at 192.0.2.1:8470", "--listen");
      cluster
          .run("serve", "--listen", "no-such-host.invalid:8470")
          .refused("cannot listen at no-such-host.invalid:8470", "no such host");
      assertThat(cluster.run("serve", "--listen", "8470").is(2).err())
          .contains("'8470' is no address", "127.0.0.1:8470");
      assertThat(cluster.run("serve", "--sample-every", "0").is(2).err()).contains("1s to 1d");
      assertThat(cluster.run("serve", "--require-token").is(2).err()).contains("--token-file");
      cluster
          .run("serve", "--token-file", directory.resolve("none").toString())
          .refused("cannot be read", "no such file");
      cluster.environment.put("SHARDWRIGHT_TOKEN", "secret");
      assertThat(cluster.run("serve").is(2).err())
          .contains("shorter than 16")
          .doesNotContain("secret");
      cluster.environment.remove("SHARDWRIGHT_TOKEN");
      cluster.environment.put("SHARDWRIGHT_CLUSTER", "other");
      cluster.run("serve", "--listen", "127.0.0.1:0").refused("set the cluster up first");
      cluster.environment.put("SHARDWRIGHT_ZOOKEEPER", "127.0.0.1:1");
      cluster.run("serve", "--listen", "127.0.0.1:0").refused("127.0.0.1:1");
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
        daemon.post("/api/rebalance", "{\"rollbackWindow\":\"0\"}").is(202);
        awaitDone(daemon, 1);
        ALL.forEach(daemon::get);
      }
      leaks.check();
    }
  }

  @Test
  void manyThatWantPlansKeepNobodyElseWaiting() throws Exception {
    ExecutorService many = Executors.newFixedThreadPool(40);
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.withToken(cluster)) {
      List<Future<Reply>> plans = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        plans.add(many.submit(() -> daemon.getWithToken("/api/plan")));
      }
      daemon.get("/health").is(200);
      List<Integer> statuses = new ArrayList<>();
      for (Future<Reply> plan : plans) {
        statuses.add(plan.get().status());
      }
      assertThat(statuses).contains(200).containsOnly(200, 503);
    } finally {
      many.shutdown();
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
        daemon.post("/api/rebalance", "{\"rollbackWindow\":\"0\"}").is(202);
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

  private static void assertHeaders(Reply reply, String path) {
    assertThat(reply.header("Content-Security-Policy")).as(path).isEqualTo("default-src 'self'");
    assertThat(reply.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
    assertThat(reply.header("X-Frame-Options")).as(path).isEqualTo("DENY");
    assertThat(reply.header("Referrer-Policy")).as(path).isEqualTo("no-referrer");
    assertThat(reply.header("Server")).as(path).isEmpty();
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

  /** The JDK's client does not let its Host be chosen. */
  private static String answerTo(int port, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) RunningDaemon.PATIENCE.toMillis());
      String request = "GET /api/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.formatted(host).getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
