package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A shard that is down costs its own keys a quick error, and nobody else anything. */
@ExtendWith(LeakCheckExtension.class)
class ShardDownIT {
  /** Well below the time for which a connection is waited for, also on a busy machine. */
  private static final Duration SOON = Duration.ofSeconds(12);

  private static TestCluster cluster;
  private static List<Long> downKeys;
  private static long upKey;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
    ShardRouter router = cluster.router();
    downKeys = TestCluster.keysOn(router, "s1", 3);
    upKey = TestCluster.keyOn(router, "s2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static ShardRouter patient() {
    return cluster.router(
        cluster.options().withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(25))));
  }

  @AfterEach
  void heal() {
    cluster.proxy("s1").heal();
  }

  @Test
  void startsWithoutTheShardFailsFastForItsKeysAndFindsItAgain() {
    cluster.proxy("s1").cut();
    ShardRouter router = patient();
    Keyspace shop = router.keyspace("shop");
    assertThat(read(shop, upKey)).isEqualTo(1);

    long began = System.nanoTime();
    assertThatThrownBy(() -> read(shop, downKeys.get(0)))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("shard s1 at jdbc:postgresql:");
    assertThat(System.nanoTime() - began).isLessThan(SOON.toNanos());

    began = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> read(shop, downKeys.get(1))).isInstanceOf(ShardUnavailable.class);
    }
    assertThat(System.nanoTime() - began)
        .as("twenty failures while nobody needs to try")
        .isLessThan(SOON.toNanos());
    assertThat(router.health().pools())
        .anySatisfy(
            pool -> {
              assertThat(pool.shard().value()).isEqualTo("s1");
              assertThat(pool.failure()).isPresent();
            });

    cluster.proxy("s1").heal();
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .ignoreException(ShardUnavailable.class)
        .until(() -> read(shop, downKeys.get(0)) == 1);
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.failure()).isEmpty());
  }

  @Test
  void tellsThoseWhoWaitAlreadyThatTheShardIsDown() throws Exception {
    ShardRouter router = patient();
    Keyspace shop = router.keyspace("shop");
    cluster.proxy("s1").cut();
    ExecutorService threads = Executors.newFixedThreadPool(20);
    try {
      long began = System.nanoTime();
      List<Future<Integer>> callers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        callers.add(threads.submit(() -> read(shop, downKeys.get(0))));
      }
      for (Future<Integer> caller : callers) {
        assertThatThrownBy(() -> caller.get(30, TimeUnit.SECONDS))
            .hasCauseInstanceOf(ShardUnavailable.class);
      }
      assertThat(System.nanoTime() - began)
          .as("not only when they would wait for a connection no longer")
          .isLessThan(SOON.toNanos());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void namesTheShardsAndKeysThatFailedAndHandsOverTheRestOfAReadOfManyKeys() {
    ShardRouter router = cluster.router();
    Keyspace shop = router.keyspace("shop");
    shop.on(upKey).update("insert into users values (?, 'up')", upKey);
    cluster.proxy("s1").cut();
    List<Long> keys = new ArrayList<>(downKeys);
    keys.add(1, upKey);
    assertThatThrownBy(
            () ->
                shop.onEach(keys)
                    .query(
                        "select * from users where user_id = any(?)",
                        "user_id",
                        row -> row.getString("name")))
        .isInstanceOfSatisfying(
            SomeShardsFailed.class,
            partial -> {
              assertThat(partial.failures()).hasSize(1);
              var failure = partial.failures().get(0);
              assertThat(failure.shard().value()).isEqualTo("s1");
              assertThat(new ArrayList<Object>(failure.keys())).isEqualTo(downKeys);
              assertThat(failure.cause()).isInstanceOf(ShardUnavailable.class);
              assertThat(partial).hasMessageContaining("shard s1 failed for 3 of the keys");
              assertThat(partial.results().keySet()).containsExactly(upKey);
              assertThat(new ArrayList<Object>(partial.results().get(upKey)))
                  .isEqualTo(List.of("up"));
            });
  }

  @Test
  void goesOnWithAServerThatWasKilledAndStartedAgain() {
    try (PostgresServer server = PostgresServer.start();
        TestCluster own = TestCluster.on(server, ZooKeeperServer.shared(), 1)) {
      Keyspace shop = own.router().keyspace("shop");
      shop.on(1).update("insert into users values (1, 'before')");
      server.kill();
      assertThatThrownBy(() -> read(shop, 1)).isInstanceOf(ShardUnavailable.class);
      server.restart();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(20))
          .ignoreException(ShardUnavailable.class)
          .until(() -> read(shop, 1) == 1);
      assertThat(shop.on(1).queryOne("select name from users", row -> row.getString(1)))
          .contains("before");
    }
  }

  private static int read(Keyspace shop, long key) {
    return shop.on(key).queryOne("select 1", row -> row.getInt(1)).orElseThrow();
  }
}
