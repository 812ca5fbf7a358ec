package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.RunningDaemon.Reply;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the daemon answers looks as {@code docs/api.md} says. */
@Tag("slow")
class ApiIT {
  private static final Pattern EXAMPLE =
      Pattern.compile("`GET (/\\S+)`[^\\n]*\\n```json\\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyAnswerLooksAsDocumented() throws Exception {
    Map<String, String> documented = documented();
    assertThat(documented).hasSizeGreaterThanOrEqualTo(11);
    try (CliCluster cluster = CliCluster.withOrders("s1");
        ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                "prod",
                RouterOptions.DEFAULTS.withCredentials(cluster.credentials()))) {
      cluster.execute(
          "s1",
          "insert into orders select case when n <= 9000 then 7 else n end, n,"
              + " case when n <= 9000 then 'x' else repeat('x', 200) end"
              + " from generate_series(1, 13000) n");
      cluster.execute("s1", "analyze orders");
      cluster.run("pin", "shop", "12345", "s1").done();
      cluster.add("s2", CliCluster.ORDERS);
      assertThat(router.health().zookeeperConnected()).isTrue();
      try (RunningDaemon daemon = RunningDaemon.withToken(cluster, "--sample-every", "1s")) {
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(
                () ->
                    daemon.get("/api/skew").body().contains("\"key\":")
                        && daemon.get("/api/alerts").body().contains("\"since\""));
        Map<String, String> wrong = new LinkedHashMap<>();
        compare(daemon, documented, wrong, path -> path.startsWith("/api/plan"));
        daemon
            .post(
                "/api/rebalance",
                "{\"maxRate\":\"60kB\",\"rollbackWindow\":\"0\",\"maxPause\":\"1s\"}")
            .is(202);
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.get("/api/ring").body().contains("\"state\":\"COPYING\""));
        compare(daemon, documented, wrong, path -> path.matches("/api/(ring|status)"));
        await()
            .atMost(RunningDaemon.PATIENCE)
            .until(() -> daemon.get("/api/migrations/1").body().contains("\"state\":\"DONE\""));
        compare(daemon, documented, wrong, path -> !path.matches("/api/(ring|status|plan.*)"));
        assertThat(wrong).isEmpty();
      }
    }
  }

  private static void compare(
      RunningDaemon daemon,
      Map<String, String> documented,
      Map<String, String> wrong,
      Predicate<String> which) {
    documented.forEach(
        (path, json) -> {
          if (which.test(path)) {
            Reply reply = daemon.getWithToken(path).is(200);
            if (!alike(json, reply.body())) {
              wrong.put(path, reply.body());
            }
          }
        });
  }

  private static boolean alike(String documented, String actual) {
    try {
      return JsonShape.alike(documented, actual);
    } catch (IOException e) {
      throw new IllegalStateException(actual, e);
    }
  }

  private static Map<String, String> documented() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/api.md")));
    while (examples.find()) {
      documented.put(examples.group(1), examples.group(2));
    }
    return documented;
  }
}
