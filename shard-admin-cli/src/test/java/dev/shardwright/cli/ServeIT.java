package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.RunningDaemon.Reply;
import org.junit.jupiter.api.Test;

class ServeIT {
  @Test
  void saysWhetherItIsUpAndLeadsAndShowsTheCluster() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      await()
          .atMost(RunningDaemon.PATIENCE)
          .until(() -> daemon.get("/health").body().contains("\"leads\":true"));
      assertThat(daemon.get("/health").is(200).body())
          .contains("\"status\":\"up\"", "\"zookeeper\":true", "\"leader\":\"shard-admin serve");
      assertThat(JsonShape.of(daemon.get("/api/status").is(200).body()))
          .isEqualTo(JsonShape.of(cluster.run("status", "--output", "json").done().out()));
    }
  }

  @Test
  void everyAnswerHasTheHeadersThatKeepOthersOut() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        RunningDaemon daemon = RunningDaemon.start(cluster)) {
      for (String path :
          new String[] {"/api/status", "/no/such/page", "/page/lib/uplot/uPlot.min.css"}) {
        Reply reply = daemon.get(path);
        assertThat(reply.header("Content-Security-Policy"))
            .as(path)
            .isEqualTo("default-src 'self'");
        assertThat(reply.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
        assertThat(reply.header("X-Frame-Options")).as(path).isEqualTo("DENY");
        assertThat(reply.header("Referrer-Policy")).as(path).isEqualTo("no-referrer");
      }
      assertThat(daemon.get("/api/status").header("Cache-Control")).isEqualTo("no-store");
      assertThat(daemon.get("/no/such/page").is(404).body()).startsWith("{\"error\":");
      assertThat(daemon.get("/page/lib/uplot/uPlot.esm.js").is(200).header("Content-Type"))
          .startsWith("text/javascript");
      daemon.get("/page/..%2fWeb.class").is(404);
      daemon.get("/page/lib/uplot/..%2F..%2FLICENSE").is(404);
      daemon.get("/page/%2e%2e/x.css").is(404);
      daemon.get("/page/.hidden").is(404);
    }
  }
}
