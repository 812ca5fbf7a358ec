package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries that hold connections of all shards do not wait for each other's. */
@ExtendWith(LeakCheckExtension.class)
class ScatterPoolIT {
  private static final int THREADS = 6;
  private static final int QUERIES = 15;
  private static final long ROWS = 60;
  private static final String STREAMED = "select user_id from users";
  private static final String COMBINED = "select avg(user_id) from users where user_id > 0";
  private static final String GATHERED =
      "select u.user_id from users u join users v on u.name = v.name";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(4);
    ShardRouter router = cluster.router();
    for (long id = 1; id <= ROWS; id++) {
      router.keyspace("shop").on(id).update("insert into users values (?, ?)", id, "user " + id);
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void inPoolsOfFewConnections(int connections) throws Exception {
    ShardRouter router =
        cluster.router(
            cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(connections)));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        boolean gathers = i % 2 == 0;
        results.add(threads.submit((Callable<Integer>) () -> rows(router, gathers)));
      }
      for (Future<Integer> result : results) {
        assertThat(result.get()).isEqualTo((int) ROWS * QUERIES);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(router.health().pools()).allSatisfy(pool -> assertThat(pool.active()).isZero());
  }

  /** How the shards order text is asked before, on a connection that the parts do not hold yet. */
  @Test
  void inTheOrderOfATextInPoolsOfOneConnection() {
    ShardRouter router =
        cluster.router(cluster.options().withPools(PoolProfile.SERVER.withMaxConnections(1)));
    List<String> names = new ArrayList<>();
    router
        .scatter(ScatterOptions.DEFAULTS.withFetchSize(5))
        .forEach("select name from users order by name", row -> names.add(row.getString(1)));
    assertThat(names).hasSize((int) ROWS);
  }

  private static int rows(ShardRouter router, boolean gathers) {
    Scatter scatter = router.scatter(ScatterOptions.DEFAULTS.withFetchSize(5));
    int[] rows = new int[1];
    for (int i = 0; i < QUERIES; i++) {
      scatter.forEach(gathers ? GATHERED : STREAMED, row -> rows[0]++);
      assertThat(scatter.query(COMBINED, row -> row.getDouble(1))).hasSize(1);
    }
    return rows[0];
  }
}
