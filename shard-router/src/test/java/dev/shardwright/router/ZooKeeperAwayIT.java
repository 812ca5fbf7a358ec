package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A router needs ZooKeeper to start and to learn of changes, and for nothing else. */
@ExtendWith(LeakCheckExtension.class)
class ZooKeeperAwayIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.on(PostgresServer.shared(), ZOOKEEPER.server(), 1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void saysInBoundedTimeThatZooKeeperIsAbsent() {
    RouterOptions options =
        cluster
            .options()
            .withZooKeeper(TestCluster.ZOOKEEPER.withConnectDeadline(Duration.ofSeconds(2)));
    long began = System.nanoTime();
    assertThatThrownBy(() -> ShardRouter.connect("127.0.0.1:1", "prod", options))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("127.0.0.1:1");
    assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(10).toNanos());
  }

  @Test
  void saysThatAClusterWasNotSetUp() {
    assertThatThrownBy(
            () ->
                ShardRouter.connect(
                    ZOOKEEPER.server().connectString(), "nobodys", cluster.options()))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("set the cluster up");
  }

  @Test
  void carriesTrafficOnWhileZooKeeperIsStoppedAndCatchesUp() throws Exception {
    var registry = new SimpleMeterRegistry();
    ShardRouter router = cluster.router(cluster.options().withMeters(registry));
    AtomicBoolean enough = new AtomicBoolean();
    AtomicLong done = new AtomicLong();
    CompletableFuture<Void> traffic =
        Background.run(
            () -> {
              Keyspace shop = router.keyspace("shop");
              while (!enough.get()) {
                long id = done.incrementAndGet();
                shop.on(id).update("insert into users values (?, 'x')", id);
              }
            });
    ZooKeeperServer zookeeper = ZOOKEEPER.server();
    zookeeper.stop();
    await().until(() -> !router.health().zookeeperConnected());
    assertThat(registry.get("shardwright.zookeeper.connected").gauge().value()).isZero();
    long before = done.get();
    await().until(() -> done.get() > before + 100);
    zookeeper.restart();
    await().until(() -> router.health().zookeeperConnected());
    assertThat(registry.get("shardwright.zookeeper.connected").gauge().value()).isEqualTo(1);
    followsAChange(router);
    enough.set(true);
    traffic.get(10, TimeUnit.SECONDS);
    assertThat(cluster.count("s1", "select count(*) from users")).isEqualTo(done.get());
  }

  @Test
  void comesBackUnderItsNumberAfterItsSessionExpired() throws Exception {
    ShardRouter router = cluster.router();
    String node = "/shardwright/%s/routers/%s".formatted(cluster.name, router.health().router());
    ZooKeeper client = new ZooKeeper(ZOOKEEPER.server().connectString(), 5_000, event -> {});
    try {
      long session = client.exists(node, false).getEphemeralOwner();
      ZOOKEEPER.server().expireSession(session);
      assertThat(router.shard("s1").queryOne("select 1", row -> row.getInt(1))).contains(1);
      await()
          .until(
              () -> {
                var stat = client.exists(node, false);
                return stat != null && stat.getEphemeralOwner() != session;
              });
    } finally {
      client.close();
    }
    followsAChange(router);
  }

  private static void followsAChange(ShardRouter router) {
    await()
        .ignoreExceptions()
        .until(
            () -> {
              cluster.admin.setWeight(ShardId.of("s1"), 101 + (int) cluster.epoch().value());
              return true;
            });
    await().until(() -> router.health().epoch().equals(cluster.epoch()));
  }
}
