package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.ZooKeeperEnsemble;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * ZooKeeper absent, stopped, restarted, out of reach; sessions that expire; answers that are lost.
 */
@Timeout(90)
@Tag("slow")
class FaultsIT {

  /** Less than the pause between two polls: these must not be what a watch needs to go on. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration SHORT = Duration.ofMillis(700);

  /** For so long an answer is under way, and a fault has to find it there. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(1);

  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;
  private static Nodes nodes;

  private final List<ZooKeeperCluster> clusters = new ArrayList<>();
  private ClusterPaths paths;

  @BeforeAll
  static void startServer() {
    server = ZooKeeperServer.start();
    nodes = new Nodes(server.connectString());
  }

  @AfterAll
  static void stopServer() {
    nodes.close();
    server.close();
  }

  @BeforeEach
  void setUp() {
    paths = new ClusterPaths("faults-" + CLUSTERS.incrementAndGet());
  }

  @AfterEach
  void tearDown() {
    clusters.forEach(ZooKeeperCluster::close);
  }

  @Test
  void zooKeeperAbsentAtStartIsAClearErrorInBoundedTime() {
    ZooKeeperOptions options = ZooKeeperOptions.DEFAULTS.withConnectDeadline(SHORT);
    try (FaultProxy nobody = FaultProxy.to("127.0.0.1", server.port())) {
      nobody.cut();
      String connectString = nobody.host() + ":" + nobody.port();
      long start = System.nanoTime();
      assertThatThrownBy(() -> ZooKeeperCluster.connect(connectString, "prod", options))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(connectString)
          .hasMessageContaining("700 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }
  }

  @Test
  void aServerThatAcceptsButSaysNothingIsAClearErrorInBoundedTime() {
    ZooKeeperOptions options = ZooKeeperOptions.DEFAULTS.withConnectDeadline(SHORT);
    try (FaultProxy silent = FaultProxy.to("127.0.0.1", server.port())) {
      silent.freeze();
      String connectString = silent.host() + ":" + silent.port();
      long start = System.nanoTime();
      assertThatThrownBy(() -> ZooKeeperCluster.connect(connectString, "prod", options))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(connectString);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }
  }

  @Test
  void aWatchGoesOnAfterZooKeeperWasDown() {
    TopologyStore store = connect().topologyStore();
    TopologyStore admin = connect().topologyStore();
    ZooKeeperOptions options = ZooKeeperOptions.DEFAULTS.withRequestDeadline(SHORT);
    TopologyStore impatient = connect(server.connectString(), options).topologyStore();
    admin.compareAndSet(Topology.INITIAL);
    List<Epoch> seen = watch(store);

    server.stop();
    await().atMost(PATIENCE).until(() -> !store.isConnected() && !admin.isConnected());
    assertThatThrownBy(() -> impatient.compareAndSet(Topology.INITIAL.next()))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining(server.connectString());
    assertThatThrownBy(impatient::read).isInstanceOf(TopologyUnavailable.class);
    assertThat(seen).containsExactly(new Epoch(1));
    server.restart();

    await().atMost(PATIENCE).until(() -> store.isConnected() && admin.isConnected());
    assertThat(admin.compareAndSet(Topology.INITIAL.next()))
        .isEqualTo(new CompareAndSet.Applied(new Epoch(2)));
    await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(2)));
    assertThat(seen).containsExactly(new Epoch(1), new Epoch(2));
  }

  @Test
  void whoWasCutOffCatchesUpByItself() {
    TopologyStore admin = connect().topologyStore();
    admin.compareAndSet(Topology.INITIAL);
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
        ZooKeeperCluster cluster = connect(proxy, PATIENCE)) {
      TopologyStore store = cluster.topologyStore();
      List<Epoch> seen = watch(store);
      proxy.cut();
      await().atMost(PATIENCE).until(() -> !store.isConnected());
      for (int i = 0; i < 3; i++) {
        admin.compareAndSet(admin.read().next());
      }
      proxy.heal();
      await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(4)));
      assertThat(seen).containsExactly(new Epoch(1), new Epoch(4));
    }
  }

  @Test
  void aWatchAndAMembershipGoOnAfterTheirSessionExpired() throws Exception {
    ZooKeeperCluster cluster = connect();
    TopologyStore admin = connect().topologyStore();
    admin.compareAndSet(Topology.INITIAL);
    List<Epoch> seen = watch(cluster.topologyStore());
    RouterMembership membership = cluster.join(new RouterDescription("host", 42, "1.0"));
    membership.report(new Epoch(1));
    String path = paths.router(membership.number());
    long session = nodes.stat(path).getEphemeralOwner();

    server.expireSession(session);

    await().atMost(PATIENCE).until(() -> nodes.exists(path) && owner(path) != session);
    admin.compareAndSet(admin.read().next());
    await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(2)));
    RegisteredRouter expected =
        new RegisteredRouter(
            membership.number(), new RouterDescription("host", 42, "1.0"), new Epoch(1));
    assertThat(cluster.routers()).containsExactly(expected);
  }

  @Test
  void aRouterWhoseOldNodeIsStillThereTakesItOver() throws Exception {
    ZooKeeperCluster cluster = connect();
    try (RouterMembership membership = cluster.join(new RouterDescription("host", 42, "1.0"))) {
      String path = paths.router(membership.number());
      long session = nodes.stat(path).getEphemeralOwner();
      // As a session would leave it that has ended for us, but not yet for ZooKeeper.
      nodes.delete(path);
      nodes.createEphemeral(path);
      membership.report(new Epoch(7));
      await().atMost(PATIENCE).until(() -> nodes.exists(path) && owner(path) == session);
      assertThat(cluster.routers()).extracting(RegisteredRouter::epoch).containsOnly(new Epoch(7));
    }
  }

  @Test
  void aChangeWhoseAnswerWasLostIsRecognised() {
    TopologyStore witness = connect().topologyStore();
    witness.compareAndSet(Topology.INITIAL);
    CompareAndSet outcome =
        changeWhileTheAnswerIsUnderWay(witness, PATIENCE, FaultProxy::cutOnNextResponse);
    assertThat(outcome).isEqualTo(new CompareAndSet.Applied(new Epoch(2)));
    assertThat(witness.read().epoch()).isEqualTo(new Epoch(2));
  }

  @Test
  void aChangeWhoseAnswerWasLostIsUnknownWhenItWasOvertaken() {
    TopologyStore witness = connect().topologyStore();
    witness.compareAndSet(Topology.INITIAL);
    CompareAndSet outcome =
        changeWhileTheAnswerIsUnderWay(
            witness,
            PATIENCE,
            proxy -> {
              witness.compareAndSet(witness.read().next());
              proxy.cutOnNextResponse();
            });
    assertThat(outcome).isInstanceOf(CompareAndSet.Unknown.class);
    assertThat(outcome.toString()).contains("epoch 3 is in force");
  }

  @Test
  void aChangeWhoseAnswerNeverComesIsUnknownByTheDeadline() {
    TopologyStore witness = connect().topologyStore();
    witness.compareAndSet(Topology.INITIAL);
    CompareAndSet outcome =
        changeWhileTheAnswerIsUnderWay(
            witness, Duration.ofSeconds(10), FaultProxy::freezeResponses);
    assertThat(outcome).isInstanceOf(CompareAndSet.Unknown.class);
    assertThat(outcome.toString()).contains("10000 ms");
  }

  @Test
  void aChangeThatCannotEvenBeginIsAnErrorByTheDeadlineAndChangesNothing() {
    TopologyStore witness = connect().topologyStore();
    witness.compareAndSet(Topology.INITIAL);
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
        ZooKeeperCluster cluster = connect(proxy, SHORT)) {
      TopologyStore store = cluster.topologyStore();
      Topology next = witness.read().next();
      proxy.freezeResponses();
      assertThatThrownBy(() -> store.compareAndSet(next))
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("700 ms");
      assertThat(witness.read().epoch()).isEqualTo(new Epoch(1));
      proxy.heal();
    }
  }

  @Test
  void noUpdateIsLostOrMadeTwiceWhenConnectionsBreakAtAnyMoment() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    TopologyStore witness = connect().topologyStore();
    witness.compareAndSet(Topology.INITIAL);
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
        ZooKeeperCluster cluster = connect(proxy, PATIENCE)) {
      TopologyStore store = cluster.topologyStore();
      List<ShardId> applied = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        ShardId id = ShardId.of("s" + i);
        Topology next = store.read().next().withShard(TestTopologies.shard(id.value()));
        proxy.delay(Duration.ofMillis(3));
        Future<CompareAndSet> outcome = writer.submit(() -> store.compareAndSet(next));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(22));
        proxy.cut();
        await().pollInterval(Duration.ofMillis(5)).until(() -> proxy.connections() == 0);
        proxy.heal();
        // With one writer and no deadline near, each change has to come through in the end.
        assertThat(outcome.get()).isEqualTo(new CompareAndSet.Applied(next.epoch()));
        applied.add(id);
      }
      assertThat(witness.read().shards()).containsOnlyKeys(applied);
      assertThat(witness.read().epoch()).isEqualTo(new Epoch(3));
    } finally {
      writer.shutdownNow();
    }
  }

  @Test
  void theLossOfTheLeadingZooKeeperNodeIsSurvived() {
    try (ZooKeeperEnsemble ensemble = ZooKeeperEnsemble.start()) {
      ZooKeeperCluster cluster =
          connect(
              ensemble.connectString(),
              ZooKeeperOptions.DEFAULTS.withRequestDeadline(Duration.ofMinutes(1)));
      TopologyStore store = cluster.topologyStore();
      store.compareAndSet(TestTopologies.everything());
      List<Epoch> seen = watch(store);
      ensemble.stop(ensemble.leader().orElseThrow());
      Topology next = store.read().next();
      assertThat(store.compareAndSet(next)).isEqualTo(new CompareAndSet.Applied(new Epoch(2)));
      assertThat(store.read()).isEqualTo(next);
      await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(2)));
      cluster.close();
    }
  }

  /** Makes the change to epoch 2 through a proxy, and the fault after it was made. */
  private CompareAndSet changeWhileTheAnswerIsUnderWay(
      TopologyStore witness, Duration deadline, Consumer<FaultProxy> fault) {
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
        ZooKeeperCluster cluster = connect(proxy, deadline)) {
      TopologyStore store = cluster.topologyStore();
      Topology next = store.read().next();
      proxy.delay(UNDER_WAY);
      Future<CompareAndSet> outcome = writer.submit(() -> store.compareAndSet(next));
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(PATIENCE)
          .until(() -> witness.read().epoch().equals(next.epoch()));
      fault.accept(proxy);
      proxy.delay(Duration.ZERO);
      CompareAndSet found = outcome.get();
      proxy.heal();
      return found;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    } finally {
      writer.shutdownNow();
    }
  }

  private static long owner(String path) throws Exception {
    return nodes.stat(path).getEphemeralOwner();
  }

  private static List<Epoch> watch(TopologyStore store) {
    List<Epoch> seen = new CopyOnWriteArrayList<>();
    store.watch(topology -> seen.add(topology.epoch()));
    await().atMost(PATIENCE).until(() -> seen.size() == 1);
    return seen;
  }

  private ZooKeeperCluster connect() {
    return connect(server.connectString(), ZooKeeperOptions.DEFAULTS.withRequestDeadline(PATIENCE));
  }

  /** To be closed before the proxy, lest it says farewell in vain. */
  private ZooKeeperCluster connect(FaultProxy proxy, Duration deadline) {
    return ZooKeeperCluster.connect(
        proxy.host() + ":" + proxy.port(),
        paths.cluster(),
        ZooKeeperOptions.DEFAULTS.withRequestDeadline(deadline));
  }

  private ZooKeeperCluster connect(String connectString, ZooKeeperOptions options) {
    ZooKeeperCluster cluster = ZooKeeperCluster.connect(connectString, paths.cluster(), options);
    clusters.add(cluster);
    return cluster;
  }
}
