package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.rebalance.internal.events.Events;
import dev.shardwright.rebalance.internal.metrics.MigrationMeters;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.zookeeper.FencingToken;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LeadershipIT {
  /** A service that stops must not alarm anybody by it. */
  @Test
  void whoIsDismissedInTheMiddleOfARequestWarnsOfNothing() {
    ZooKeeperServer server = ZooKeeperServer.shared();
    String own = server.freshConnectString();
    String root = own.substring(own.indexOf('/'));
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
        ZooKeeperCluster cluster =
            ZooKeeperCluster.connect(proxy.host() + ":" + proxy.port() + root, "test");
        Leadership leadership = leadership(cluster)) {
      System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
      leadership.elected(new FencingToken(1));
      proxy.freezeResponses();
      await().until(() -> threads().anyMatch(LeadershipIT::isInRequest));

      leadership.dismissed();

      await().until(() -> threads().findAny().isEmpty());
      proxy.heal();
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8))
        .doesNotContain("[shardwright-rebalancer] WARN");
  }

  private static Leadership leadership(ZooKeeperCluster cluster) {
    MigrationMeters meters = new MigrationMeters(new SimpleMeterRegistry());
    return new Leadership(
        cluster,
        (shard, endpoint, role) -> Credentials.of("nobody", ""),
        meters,
        new Events(meters, Optional.empty()),
        Clock.systemUTC(),
        new SplittableRandom(1));
  }

  private static Stream<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("shardwright-rebalancer"));
  }

  private static boolean isInRequest(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().endsWith(".Requests"));
  }
}
