package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.ZooKeeperEnsemble;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranges move while one router's ZooKeeper server hears late of what the others know. */
@Timeout(300)
@Tag("slow")
class LaggingFollowerIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration SESSION = Duration.ofSeconds(2);

  /** Some of them longer than a session lasts, all shorter than a follower remains one. */
  private static final int LEAST_LAG_MILLIS = 500;

  private static final int MOST_LAG_MILLIS = 3_500;

  /** So little that hardly anything of the move happens then alone. */
  private static final int BETWEEN_MILLIS = 100;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private ZooKeeperEnsemble ensemble;
  private int follower;
  private ServedCluster cluster;
  private Moving moving;
  private CountingUp service;

  @BeforeEach
  void setUp() throws Exception {
    System.out.println("seed " + seed);
    ensemble = ZooKeeperEnsemble.startThatMayLag();
    int leader = ensemble.leader().orElseThrow();
    follower = (leader + 1) % ensemble.size();
    cluster = new ServedCluster(ensemble.connectString(leader));
    moving = new Moving(cluster);
    service = new CountingUp(cluster, seed);
  }

  @AfterEach
  void close() throws Exception {
    service.close();
    moving.close();
    cluster.close();
    ensemble.close();
  }

  /** It takes the ranges to be where they were: what it reads there would be old. */
  @Test
  void aRouterThatHearsLateOfAMoveReadsNothingOldAndComesBack() throws Exception {
    List<Long> accounts = moving.accounts();
    moving.campaign();
    try (ShardRouter healthy = cluster.router();
        ShardRouter late = late()) {
      service.writeAlways("healthy", healthy, accounts);
      service.writeWherePossible("late", late, accounts);
      service.readWherePossible("late reads", late, accounts);
      moving.beginSlowly(Duration.ofMillis(500));
      int lags = 0;
      int behind = 0;
      while (!moving.status().isOver()) {
        ensemble.lag(follower);
        Thread.sleep(random.nextInt(LEAST_LAG_MILLIS, MOST_LAG_MILLIS));
        behind += cluster.topology().epoch().isAfter(late.topology().epoch()) ? 1 : 0;
        ensemble.catchUp(follower);
        Thread.sleep(BETWEEN_MILLIS);
        lags++;
      }
      System.out.println("lagged " + lags + " times, " + behind + " of them behind in the end");
      assertThat(behind).as("times that it knew less than others").isPositive();
      await()
          .atMost(PATIENCE)
          .until(() -> late.topology().epoch().equals(cluster.topology().epoch()));
      service.write(late, accounts.get(0));
      moving.finish();
      service.finish();
    }
  }

  private ShardRouter late() {
    return ShardRouter.connect(
        ensemble.connectString(follower),
        cluster.name,
        RouterOptions.DEFAULTS
            .withCredentials(PostgresAccess.ofThisJvm())
            .withZooKeeper(ServedCluster.ZOOKEEPER.withSessionTimeout(SESSION)));
  }
}
