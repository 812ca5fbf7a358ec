package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RoutersIT {
  private static final RouterDescription DESCRIPTION = new RouterDescription("host", 42, "1.0");
  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;

  private String name;

  @BeforeAll
  static void startServer() {
    server = ZooKeeperServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void setUp() {
    name = "routers-" + CLUSTERS.incrementAndGet();
  }

  @Test
  void noNumberIsGivenTwiceNotEvenAfterAllHaveGone() throws Exception {
    List<Integer> numbers = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      try (ZooKeeperCluster one = connect();
          ZooKeeperCluster two = connect()) {
        List<Callable<Integer>> joins = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          ZooKeeperCluster cluster = i % 2 == 0 ? one : two;
          joins.add(() -> cluster.join(DESCRIPTION).number());
        }
        numbers.addAll(inParallel(joins));
        assertThat(one.routers()).hasSize(10).isEqualTo(two.routers());
      }
    }
    assertThat(numbers).hasSize(20).doesNotHaveDuplicates().allMatch(number -> number > 0);
  }

  @Test
  void passesOverNodesThatAreSomebodyElses() throws Exception {
    try (ZooKeeperCluster cluster = connect();
        RouterMembership router = cluster.join(DESCRIPTION);
        Nodes nodes = new Nodes(server.connectString())) {
      cluster.loads().report(router.number(), new byte[] {7});
      nodes.create("/shardwright/%s/routers/backup".formatted(name));
      nodes.create("/shardwright/%s/loads/backup".formatted(name));
      assertThat(cluster.routerNumbers()).containsExactly(router.number());
      assertThat(cluster.routers()).hasSize(1);
      assertThat(cluster.loads().all()).containsOnlyKeys(router.number());
    }
  }

  @Test
  void skipsNumbersThatWereGivenBeforeEverythingWasLost() {
    GivenNumbers given = new GivenNumbers(4_500, 7, 0);
    try (ZooKeeperCluster cluster = ZooKeeperCluster.connect(server.connectString(), "skipping")) {
      cluster.skip(given);
      cluster.skip(new GivenNumbers(3, 3, 0));
      assertThat(cluster.givenNumbers()).isEqualTo(given);
      assertThat(cluster.migrations().newNumber()).isEqualTo(8);
      try (RouterMembership router = cluster.join(new RouterDescription("host", 1, "test"))) {
        assertThat(router.number()).isEqualTo(4_501);
      }
    }
  }

  @Test
  void reportsReachTheOthersAndNeverGoBack() {
    try (ZooKeeperCluster cluster = connect();
        ZooKeeperCluster other = connect()) {
      assertThat(other.routers()).isEmpty();
      RouterMembership membership = cluster.join(DESCRIPTION);
      assertThat(other.routers())
          .containsExactly(new RegisteredRouter(membership.number(), DESCRIPTION, Epoch.NONE));
      for (int epoch = 1; epoch <= 100; epoch++) {
        membership.report(new Epoch(epoch));
        membership.report(new Epoch(epoch / 2));
      }
      await().until(() -> other.routers().get(0).epoch().equals(new Epoch(100)));
    }
  }

  @Test
  void whoLeavesIsGoneAtOnce() {
    ZooKeeperCluster cluster = connect();
    try (ZooKeeperCluster other = connect()) {
      RouterMembership stays = cluster.join(DESCRIPTION);
      RouterMembership leaves = cluster.join(DESCRIPTION);
      leaves.close();
      leaves.close();
      leaves.report(new Epoch(9));
      assertThat(other.routers())
          .extracting(RegisteredRouter::number)
          .containsExactly(stays.number());
      cluster.close();
      cluster.close();
      assertThat(other.routers()).isEmpty();
      assertThatThrownBy(() -> cluster.join(DESCRIPTION)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whoWasOffTheListIsToldByAnotherRegistration() {
    try (ZooKeeperCluster cluster = connect();
        ZooKeeperCluster other = connect()) {
      RouterMembership router = cluster.join(DESCRIPTION);
      long first = router.registration();
      assertThat(first).isPositive();
      router.report(new Epoch(1));
      await().until(() -> other.routers().get(0).epoch().equals(new Epoch(1)));
      assertThat(router.register()).isEqualTo(router.registration()).isEqualTo(first);
      other.unregister(router.number());
      other.unregister(router.number());
      assertThat(router.registration()).isZero();
      assertThat(router.register()).isPositive().isNotEqualTo(first);
      other.catchUp();
      assertThat(other.routerNumbers()).containsExactly(router.number());
    }
  }

  @Test
  void aRouterThatSaysNonsenseIsNamed() throws Exception {
    try (ZooKeeperCluster cluster = connect();
        Nodes nodes = new Nodes(server.connectString())) {
      String path = new ClusterPaths(name).router(cluster.join(DESCRIPTION).number());
      nodes.set(path, new byte[] {1});
      assertThatThrownBy(cluster::routers)
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(path);
    }
  }

  private ZooKeeperCluster connect() {
    return ZooKeeperCluster.connect(server.connectString(), name);
  }

  private static List<Integer> inParallel(List<Callable<Integer>> tasks) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
    try {
      List<Integer> results = new ArrayList<>();
      for (Future<Integer> result : executor.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }
}
