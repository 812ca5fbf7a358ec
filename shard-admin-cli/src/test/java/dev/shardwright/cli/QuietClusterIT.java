package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.cli.RunningDaemon.Reply;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Daemons of a cluster in which nothing changes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("slow")
class QuietClusterIT {
  private static CliCluster cluster;
  private static RunningDaemon readable;
  private static RunningDaemon writable;

  /** Waits for all of its deadline, and does so beside the other tests. */
  private static CompletableFuture<Result> withoutZooKeeper;

  @BeforeAll
  static void start() throws Exception {
    CliCluster nowhere = new CliCluster();
    nowhere.environment.put("SHARDWRIGHT_ZOOKEEPER", "127.0.0.1:1");
    withoutZooKeeper =
        CompletableFuture.supplyAsync(() -> nowhere.run("serve", "--listen", "127.0.0.1:0"));
    cluster = CliCluster.withOrders("s1");
    cluster.add("s2", CliCluster.ORDERS);
    readable = RunningDaemon.start(cluster);
    writable = RunningDaemon.withToken(cluster);
    cluster.environment.remove("SHARDWRIGHT_TOKEN");
  }

  @AfterAll
  static void stop() throws Exception {
    writable.close();
    readable.close();
    cluster.close();
  }

  @Test
  void everyAnswerHasTheHeadersThatKeepOthersOut() throws Exception {
    for (String path : ServeIT.ALL) {
      assertHeaders(readable.get(path), path);
      boolean isData = path.startsWith("/api");
      assertThat(readable.get(path).header("Cache-Control"))
          .as(path)
          .matches(isData ? "no-store" : "no-store|no-cache");
    }
    assertHeaders(readable.post("/api/rebalance", "{}"), "refused");
    assertThat(readable.get("/no/such/page").is(404).body()).startsWith("{\"error\":");
    assertThat(readable.get("/api/rebalance").is(405).body()).startsWith("{\"error\":");
  }

  @Test
  void servesThePagesFilesAndNoOthers() throws Exception {
    assertThat(readable.get("/page/lib/uplot/uPlot.esm.js").is(200).header("Content-Type"))
        .startsWith("text/javascript");
    assertThat(readable.get("/page/lib/uplot/uPlot.min.css").is(200).header("Content-Type"))
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
      assertThat(readable.get(path).is(404).body()).as(path).startsWith("{\"error\":");
    }
  }

  @Test
  void onlyRequestsThatNameTheDaemonAreAnswered() throws Exception {
    int port = readable.port();
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

  @Test
  void withoutATokenNothingIsChanged() throws Exception {
    assertThat(readable.get("/api/session").is(200).body())
        .isEqualTo("{\"writable\":false,\"authorized\":false}");
    for (String path : List.of("/api/plan", "/api/plan/", "/api/plan?by=rows")) {
      assertThat(readable.get(path).is(403).body()).contains("--token-file", "{\"error\":");
    }
    for (String path : List.of("/api/rebalance", "/api/migrations/1/abort")) {
      assertThat(readable.post(path, "{}").is(403).body()).contains("--token-file", "{\"error\":");
    }
    assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
  }

  @Test
  void withATokenWhoeverHasItMayChangeThings() throws Exception {
    assertThat(writable.get("/api/session").body())
        .contains("\"writable\":true,\"authorized\":false");
    assertThat(writable.getWithToken("/api/session").body())
        .contains("\"writable\":true,\"authorized\":true");
    writable.get("/api/plan").is(401);
    writable.getWithToken("/api/plan").is(200);
    assertThat(writable.getWithToken("/api/plan?by=size").is(400).body())
        .contains("[tokens, rows, bytes");
    Reply without = writable.post("/api/rebalance", "{}", null).is(401);
    assertThat(without.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(writable.post("/api/rebalance", "{}", RunningDaemon.TOKEN + "x").is(401).body())
        .contains("not the daemon's token")
        .doesNotContain(RunningDaemon.TOKEN);
    assertThat(cluster.run("migration", "list").done().out()).contains("(none)");

    assertThat(writable.post("/api/rebalance", "{\"by\":\"size\"}").is(400).body())
        .contains("'size' is no goal");
    writable.post("/api/rebalance", "{\"by\":\"" + "x".repeat(20_000) + "\"}").is(413);
    Reply form =
        writable.send(
            writable
                .request("/api/rebalance")
                .header("Authorization", "Bearer " + RunningDaemon.TOKEN)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(form.is(415).body()).contains("application/json");
    writable.post("/api/migrations/7/abort", "{}").is(404);
    assertThat(writable.post("/api/migrations/7/stop", "{}").is(404).body())
        .contains("pause, resume, abort and rollback");
    assertThat(cluster.run("migration", "list").done().out()).contains("(none)");
  }

  @Test
  void readingNeedsTheTokenWhereThatIsWanted(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), RunningDaemon.TOKEN + "\n");
    try (RunningDaemon daemon =
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
  @Order(Integer.MAX_VALUE)
  void whatCannotBeServedIsSaidAtTheStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
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
      CliCluster other = new CliCluster();
      other.run("serve", "--listen", "127.0.0.1:0").refused("set the cluster up first");
      other.environment.put("SHARDWRIGHT_TOKEN", "secret");
      assertThat(other.run("serve").is(2).err())
          .contains("shorter than 16")
          .doesNotContain("secret");
      withoutZooKeeper.get(60, TimeUnit.SECONDS).refused("127.0.0.1:1");
    }
  }

  @Test
  void manyThatWantPlansKeepNobodyElseWaiting() throws Exception {
    ExecutorService many = Executors.newFixedThreadPool(40);
    try {
      List<Future<Reply>> plans = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        plans.add(many.submit(() -> writable.getWithToken("/api/plan")));
      }
      writable.get("/health").is(200);
      List<Integer> statuses = new ArrayList<>();
      for (Future<Reply> plan : plans) {
        statuses.add(plan.get().status());
      }
      assertThat(statuses).contains(200).containsOnly(200, 503);
    } finally {
      many.shutdown();
    }
  }

  private static void assertHeaders(Reply reply, String path) {
    assertThat(reply.header("Content-Security-Policy")).as(path).isEqualTo("default-src 'self'");
    assertThat(reply.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
    assertThat(reply.header("X-Frame-Options")).as(path).isEqualTo("DENY");
    assertThat(reply.header("Referrer-Policy")).as(path).isEqualTo("no-referrer");
    assertThat(reply.header("Server")).as(path).isEmpty();
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
