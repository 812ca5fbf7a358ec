package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.Timeouts;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ranges move while ZooKeeper is away, slow, or out of one router's reach. */
@Timeout(300)
@Tag("slow")
class ZooKeeperTroubleIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Longer than sessions and requests last. */
  private static final Duration A_WHILE = Duration.ofSeconds(10);

  /** So long that a request can be lost. A hold takes a few of these, and ends after 2 s. */
  private static final Duration ON_THE_WAY = Duration.ofMillis(100);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  /** Of an attempt. The way to ZooKeeper or the way back takes as long where it is slow. */
  private static final Duration BUDGET = Duration.ofMillis(50);

  /** How often sessions expire. */
  private static final Duration FLAP = Duration.ofMillis(300);

  /** No oftener while the move is in one state, so that it comes on between two times. */
  private static final int FLAPS_IN_STATE = 3;

  private final long seed = new Random().nextLong();
  private ServedCluster cluster;
  private Moving moving;
  private CountingUp service;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    cluster = new ServedCluster(ZOOKEEPER.server());
    moving = new Moving(cluster);
    service = new CountingUp(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    service.close();
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
    try (ShardRouter router = routerThatWaits()) {
      long leaving = serve(router);
      moving.beginSlowly(Duration.ofSeconds(1));
      try (Connection blocker = moving.block()) {
        takeZooKeeperAway(away);
        ZOOKEEPER.server().restart();
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(TopologyUnavailable.class)
            .until(() -> losesZooKeeperWhileWorkWaits(router));
        blocker.rollback();
      }
      CompletableFuture<Void> held = waitsForZooKeeper(router, leaving, away);
      ZOOKEEPER.server().restart();
      held.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      finish();
    }
  }

  /**
   * Neither shard accepts the ranges then, and nobody can say which is to. A slow machine may miss
   * the moment.
   */
  @Test
  @Tag("long")
  void soItIsWhereTheSourceIsFencedAlready() throws Exception {
    try (FaultProxy way = FaultProxy.to("127.0.0.1", ZOOKEEPER.server().port());
        Rebalancer mover = cluster.rebalancer(way.host() + ":" + way.port());
        ShardRouter router = routerThatWaits()) {
      mover.campaign("slow");
      long leaving = serve(router);
      moving.beginSlowly(Duration.ofSeconds(1));
      try (Connection blocker = moving.block()) {
        moving.awaitHeld();
        way.delay(ON_THE_WAY);
        blocker.rollback();
      }
      await().atMost(PATIENCE).pollInterval(LOOK_AGAIN).until(() -> losesZooKeeperOnceFenced(way));
      CompletableFuture<Void> held = waitsForZooKeeper(router, leaving, A_WHILE);
      assertThat(moving.isFenced()).isTrue();
      ZOOKEEPER.server().restart();
      way.heal();
      held.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      finish();
    }
  }

  /** The request that lets the ranges change hands gets lost on its way. */
  private boolean losesZooKeeperOnceFenced(FaultProxy way) throws SQLException {
    if (!moving.isFenced()) {
      return false;
    }
    way.freeze();
    if (moving.held().isPresent()) {
      way.cut();
      ZOOKEEPER.server().stop();
      return true;
    }
    way.heal();
    way.delay(ON_THE_WAY);
    return false;
  }

  /** Returns an account whose row moves. */
  private long serve(ShardRouter router) {
    List<Long> staying = moving.others();
    service.writeAlways("staying", router, staying);
    service.readAlways("read", router, staying);
    List<Long> leaving = moving.accounts();
    service.writeWherePossible("moving", router, leaving);
    return leaving.get(1);
  }

  /** A write to the ranges; what does not move goes on beside it. */
  private CompletableFuture<Void> waitsForZooKeeper(ShardRouter router, long leaving, Duration away)
      throws InterruptedException {
    CompletableFuture<Void> held = beginToWrite(router, leaving);
    whatDoesNotMoveGoesOn(away);
    assertThat(held).as("it waits for ZooKeeper").isNotDone();
    return held;
  }

  /** Held work has its time for statements. */
  private ShardRouter routerThatWaits() {
    return ShardRouter.connect(
        ZOOKEEPER.server().connectString(),
        cluster.name,
        RouterOptions.DEFAULTS
            .withCredentials(PostgresAccess.ofThisJvm())
            .withZooKeeper(ServedCluster.ZOOKEEPER)
            .withTimeouts(Timeouts.DEFAULTS.withStatement(PATIENCE.multipliedBy(2))));
  }

  /** Else the attempt was over at that moment, and another one is to be met. */
  private boolean losesZooKeeperWhileWorkWaits(ShardRouter router) {
    moving.awaitHeld();
    ZOOKEEPER.server().stop();
    if (router.topology().moves().values().stream().anyMatch(RangeMove::held)) {
      return true;
    }
    ZOOKEEPER.server().restart();
    return false;
  }

  private CompletableFuture<Void> beginToWrite(ShardRouter router, long key) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            service.write(router, key);
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        });
  }

  private void takeZooKeeperAway(Duration away) throws InterruptedException {
    ZOOKEEPER.server().stop();
    whatDoesNotMoveGoesOn(away);
  }

  /** While it is away, rows that do not move are read and written as ever. */
  private void whatDoesNotMoveGoesOn(Duration away) throws InterruptedException {
    Map<String, Long> before = service.turns();
    Thread.sleep(away.toMillis());
    Map<String, Long> after = service.turns();
    for (String loop : List.of("staying", "read")) {
      assertThat(after.get(loop)).as(loop).isGreaterThan(before.getOrDefault(loop, 0L) + 20);
    }
  }

  /** Whoever leads is dismissed each time, and takes up again what it has left. */
  @Test
  void nothingIsLostWhileTheSessionsOfTheLeaderAndOfARouterExpireAgainAndAgain() throws Exception {
    moving.campaign();
    try (ShardRouter healthy = cluster.router();
        ShardRouter flapping = cluster.router();
        Sessions sessions = new Sessions(ZOOKEEPER.server(), cluster.name)) {
      service.writeAlways("healthy", healthy, moving.accounts());
      service.writeWherePossible("flapping", flapping, moving.accounts());
      moving.beginSlowly(Duration.ofSeconds(1));
      Map<String, Integer> times = new TreeMap<>();
      await()
          .atMost(PATIENCE)
          .pollInterval(FLAP)
          .until(
              () -> {
                MigrationStatus status = moving.status();
                if (times.merge(status.state(), 1, Integer::sum) <= FLAPS_IN_STATE) {
                  sessions.expireLeader();
                  sessions.expireRouter(flapping.health().router());
                }
                return status.isOver();
              });
      System.out.println(times + ", expired " + sessions.expired());
      assertThat(times).containsKeys("COPYING", "CLEANING_UP");
      assertThat(sessions.expired()).isGreaterThan(FLAPS_IN_STATE);
      await()
          .atMost(PATIENCE)
          .until(() -> flapping.topology().epoch().equals(cluster.topology().epoch()));
      service.write(flapping, moving.accounts().get(0));
      finish();
    }
  }

  @Test
  void aRouterThatAloneDoesNotReachZooKeeperIsCutOffAndComesBack() throws Exception {
    moving.campaign();
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", ZOOKEEPER.server().port());
        ShardRouter healthy = cluster.router();
        ShardRouter alone = cluster.router(proxy.host() + ":" + proxy.port())) {
      List<Long> all = moving.accounts();
      service.writeAlways("healthy", healthy, all);
      service.writeWherePossible("alone", alone, all);
      moving.beginSlowly(Duration.ofMillis(500));
      proxy.cut();
      moving.comesTo("DONE");
      proxy.heal();
      await()
          .atMost(PATIENCE)
          .until(() -> alone.topology().epoch().equals(cluster.topology().epoch()));
      service.write(alone, all.get(0));
      finish();
    }
  }

  @Test
  void attemptsThatASlowZooKeeperKeepsFromTheirBudgetEndAndOneSucceedsAfterwards()
      throws Exception {
    succeedsAfterSlowness(BUDGET);
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
        service.writeAlways("writes", router, moving.accounts());
        moving.beginSlowly(BUDGET);
        proxy.delay(delay);
        moving.until(status -> status.attempts() >= 2);
        proxy.heal();
        finish();
      }
    }
  }

  /** Each loop goes on, and nothing was lost or doubled. */
  private void finish() throws Exception {
    moving.finish();
    service.finish();
  }
}
