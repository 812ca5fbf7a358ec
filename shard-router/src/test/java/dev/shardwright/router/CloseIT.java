package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Closing is orderly, bounded, and leaves nothing behind. */
@ExtendWith(LeakCheckExtension.class)
class CloseIT {
  private static final String SLEEPING =
      "select count(*) from pg_stat_activity where query like '%pg_sleep(20)%'"
          + " and pid <> pg_backend_pid()";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void letsRunningWorkEndAndRefusesNewWork() throws Exception {
    ShardRouter router = cluster.router();
    OneShard shard = router.shard("s1");
    Keyspace shop = router.keyspace("shop");
    CompletableFuture<Integer> running =
        Background.supply(
            () -> shard.queryOne("select 1 from pg_sleep(3)", row -> row.getInt(1)).orElseThrow());
    await().until(() -> active(router) == 1);
    CompletableFuture<Void> second = Background.run(router::close);
    router.close();
    second.get(10, TimeUnit.SECONDS);
    assertThat(running.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    for (Runnable work :
        List.<Runnable>of(
            () -> shard.update("never sent"),
            () -> shop.on(1).update("never sent"),
            () -> shop.onEach(List.of(1)).query("never sent", "user_id", row -> 1),
            () -> router.keyspace("shop"),
            () -> router.route("shop", 1))) {
      assertThatThrownBy(work::run)
          .isInstanceOf(RouteRefused.class)
          .hasMessage("the router of cluster " + cluster.name + " is closed");
    }
    router.close();
  }

  @Test
  void cutsWorkThatTakesLongerThanItMay() throws Exception {
    ShardRouter router =
        cluster.router(
            cluster.options().withTimeouts(Timeouts.DEFAULTS.withClose(Duration.ofMillis(100))));
    OneShard shard = router.shard("s1");
    CompletableFuture<?> read = Background.run(() -> shard.query("select pg_sleep(20)", row -> 1));
    CompletableFuture<?> write =
        Background.run(() -> shard.update("insert into users select 1, 'x' from pg_sleep(20)"));
    await().until(() -> active(router) == 2);
    long began = System.nanoTime();
    router.close();
    assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(15).toNanos());
    for (CompletableFuture<?> work : List.of(read, write)) {
      assertThatThrownBy(() -> work.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RouteRefused.class)
          .hasMessageContaining("is closed");
    }
    assertThat(cluster.count("s1", "select count(*) from users")).isZero();
    await("nothing runs on").until(() -> cluster.count("s1", SLEEPING) == 0);
  }

  @Test
  void losesNoAcknowledgedWriteWhenClosedDuringTraffic() throws Exception {
    cluster.execute("s1", "delete from orders");
    cluster.execute("s2", "delete from orders");
    ShardRouter router = cluster.router();
    Keyspace shop = router.keyspace("shop");
    AtomicLong next = new AtomicLong();
    AtomicLong acknowledged = new AtomicLong();
    List<CompletableFuture<?>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(
          Background.run(
              () -> {
                while (true) {
                  long id = next.incrementAndGet();
                  try {
                    shop.on(id).update("insert into orders values (?, 1, 1)", id);
                    acknowledged.incrementAndGet();
                  } catch (RouteRefused closed) {
                    return;
                  }
                }
              }));
    }
    await().until(() -> acknowledged.get() > 200);
    router.close();
    for (CompletableFuture<?> writer : writers) {
      writer.get(30, TimeUnit.SECONDS);
    }
    long rows =
        cluster.count("s1", "select count(*) from orders")
            + cluster.count("s2", "select count(*) from orders");
    assertThat(rows).isEqualTo(acknowledged.get());
  }

  private static int active(ShardRouter router) throws SQLException {
    return router.health().pools().stream().mapToInt(RouterHealth.PoolHealth::active).sum();
  }
}
