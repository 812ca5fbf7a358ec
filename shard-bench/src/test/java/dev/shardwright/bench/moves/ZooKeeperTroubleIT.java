package dev.shardwright.bench.moves;

import static dev.shardwright.bench.moves.ServedCluster.COUNT_UP;
import static dev.shardwright.bench.moves.ServedCluster.KEYSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ranges move while ZooKeeper is away, slow, or out of one router's reach. */
@Timeout(300)
class ZooKeeperTroubleIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Longer than sessions and requests last. */
  private static final Duration A_WHILE = Duration.ofSeconds(6);

  private final long seed = new Random().nextLong();
  private ServedCluster cluster;
  private Moving moving;
  private Loops loops;
  private final Versions versions = new Versions(ServedCluster.ACCOUNTS);

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new ServedCluster(ZOOKEEPER.server());
    moving = new Moving(cluster);
    loops = new Loops(seed);
  }

  @AfterEach
  void close() throws Exception {
    loops.close();
    moving.close();
    cluster.close();
  }

  @Test
  void whatDoesNotMoveGoesOnWhileZooKeeperIsAwayAndTheRestGoesOnAfterwards() throws Exception {
    goesOnWithoutZooKeeper(A_WHILE);
  }

  @Test
  @Tag("long")
  void theSameForAMinute() throws Exception {
    goesOnWithoutZooKeeper(Duration.ofMinutes(1));
  }

  private void goesOnWithoutZooKeeper(Duration away) throws Exception {
    moving.campaign();
    try (ShardRouter router = cluster.router()) {
      List<Long> staying = moving.others();
      writeAlways("staying", router, staying);
      writeWherePossible("moving", router, moving.accounts());
      moving.beginSlowly(Duration.ofSeconds(1));
      try (Connection blocker = moving.block()) {
        takeZooKeeperAway(away);
        ZOOKEEPER.server().restart();
        moving.awaitHeld();
        ZOOKEEPER.server().stop();
        blocker.rollback();
      }
      takeZooKeeperAway(away);
      ZOOKEEPER.server().restart();
      finish();
    }
  }

  /** While it is away, rows that do not move are read and written as ever. */
  private void takeZooKeeperAway(Duration away) throws InterruptedException {
    ZOOKEEPER.server().stop();
    Map<String, Long> before = loops.turns();
    Thread.sleep(away.toMillis());
    assertThat(loops.turns().get("staying")).isGreaterThan(before.getOrDefault("staying", 0L) + 20);
  }

  @Test
  void aRouterThatAloneDoesNotReachZooKeeperIsCutOffAndComesBack() throws Exception {
    moving.campaign();
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", ZOOKEEPER.server().port());
        ShardRouter healthy = cluster.router();
        ShardRouter alone = cluster.router(proxy.host() + ":" + proxy.port())) {
      List<Long> all = moving.accounts();
      writeAlways("healthy", healthy, all);
      writeWherePossible("alone", alone, all);
      moving.beginSlowly(Duration.ofMillis(500));
      proxy.cut();
      moving.comesTo("DONE");
      proxy.heal();
      await()
          .atMost(PATIENCE)
          .until(() -> alone.topology().epoch().equals(cluster.topology().epoch()));
      finish();
    }
  }

  @Test
  void attemptsThatASlowZooKeeperKeepsFromTheirBudgetEndAndOneSucceedsAfterwards()
      throws Exception {
    succeedsAfterSlowness(Duration.ofMillis(100));
  }

  @Test
  @Tag("long")
  void theSameWhereItIsVerySlow() throws Exception {
    succeedsAfterSlowness(Duration.ofMillis(500));
  }

  private void succeedsAfterSlowness(Duration delay) throws Exception {
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", ZOOKEEPER.server().port())) {
      String slow = proxy.host() + ":" + proxy.port();
      try (Rebalancer mover = cluster.patientRebalancer(slow);
          ShardRouter router = cluster.patientRouter(slow)) {
        mover.campaign("slow");
        writeAlways("writes", router, moving.accounts());
        moving.beginSlowly(Duration.ofMillis(50));
        proxy.delay(delay);
        moving.until(status -> status.attempts() >= 2);
        proxy.heal();
        finish();
      }
    }
  }

  private void writeAlways(String name, ShardRouter router, List<Long> keys) {
    loops.begin(
        name,
        5,
        random -> {
          long key = keys.get(random.nextInt(keys.size()));
          versions.count(
              key,
              () ->
                  assertThat(router.keyspace(KEYSPACE).on(key).update(COUNT_UP, key)).isEqualTo(1));
        });
  }

  private void writeWherePossible(String name, ShardRouter router, List<Long> keys) {
    loops.begin(
        name,
        5,
        random -> {
          long key = keys.get(random.nextInt(keys.size()));
          versions.tryToCount(
              key,
              () ->
                  assertThat(router.keyspace(KEYSPACE).on(key).update(COUNT_UP, key)).isEqualTo(1));
        });
  }

  /** Each loop goes on, and nothing was lost or doubled. */
  private void finish() throws Exception {
    moving.finish();
    Map<String, Long> then = loops.turns();
    await().atMost(PATIENCE).until(() -> loops.haveTurned(then, 5));
    loops.end();
    System.out.println(loops.turns());
    versions.check(cluster.values("select id, version from account"));
  }
}
