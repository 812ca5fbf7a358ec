package dev.shardwright.topology.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.TestTopologies;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of documents in ZooKeeper: which are written, and what if they are wrong. */
@Timeout(60)
class DocumentsIT {
  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;
  private static Nodes nodes;

  private ClusterPaths paths;
  private ZooKeeperCluster cluster;
  private TopologyStore store;

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
    paths = new ClusterPaths("documents-" + CLUSTERS.incrementAndGet());
    cluster = ZooKeeperCluster.connect(server.connectString(), paths.cluster());
    store = cluster.topologyStore();
    apply(TestTopologies.everything());
  }

  @AfterEach
  void tearDown() {
    cluster.close();
  }

  @Test
  void onlyRingsThatChangedAreWritten() throws Exception {
    String untouched = paths.rings("events") + "/all";
    String changed = paths.rings("text_keys") + "/all";
    apply(store.read().next().withShard(TestTopologies.shard("new")));
    assertThat(nodes.stat(untouched).getVersion()).isZero();
    assertThat(nodes.stat(changed).getVersion()).isZero();
    pinIn("text_keys");
    assertThat(nodes.stat(untouched).getVersion()).isZero();
    assertThat(nodes.stat(changed).getVersion()).isEqualTo(1);
  }

  @Test
  void onlyRingsThatChangedAreReadAgain() throws Exception {
    store.read();
    // Whoever read this ring again would fail on it.
    nodes.set(paths.rings("events") + "/all", new byte[] {1, 2, 3});
    pinIn("text_keys");
    assertThat(store.read().epoch()).isEqualTo(new Epoch(2));
    try (ZooKeeperCluster fresh =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      assertThatThrownBy(fresh.topologyStore()::read).isInstanceOf(TopologyUnavailable.class);
    }
  }

  @Test
  void ringsOfKeyspacesThatAreGoneAreDeleted() throws Exception {
    apply(store.read().next().withoutMove(9).withoutKeyspace("events").withoutKeyspace("shop"));
    assertThat(nodes.exists(paths.rings("events"))).isFalse();
    assertThat(nodes.exists(paths.rings("shop"))).isFalse();
    assertThat(nodes.exists(paths.rings("text_keys") + "/all")).isTrue();
  }

  @Test
  void aCorruptTopologyIsRefusedAndWatchersKeepTheOldOne() throws Exception {
    List<Topology> seen = watch();
    byte[] good = nodes.get(paths.topology());
    for (byte[] bad :
        List.of(new byte[0], Arrays.copyOf(good, good.length / 2), "garbage".getBytes(UTF_8))) {
      nodes.set(paths.topology(), bad);
      assertThatThrownBy(store::read)
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(paths.topology())
          .hasMessageContaining("corrupt");
      assertThatThrownBy(() -> store.compareAndSet(Topology.INITIAL.next()))
          .isInstanceOf(TopologyUnavailable.class);
    }
    assertThat(seen).containsExactly(TestTopologies.everything());
    nodes.set(paths.topology(), good);
    apply(store.read().next());
    await().until(() -> seen.size() == 2);
  }

  @Test
  void aWrongRingIsRefusedAndNothingOfItsTopologyIsApplied() throws Exception {
    List<Topology> seen = watch();
    String ring = paths.rings("text_keys") + "/all";
    byte[] old = nodes.get(ring);
    pinIn("text_keys");
    await().until(() -> seen.size() == 2);
    byte[] good = nodes.get(ring);
    for (byte[] bad : List.of(new byte[0], Arrays.copyOf(good, good.length - 1), old)) {
      nodes.set(ring, bad);
      assertFreshReaderIsRefused(ring);
    }
    nodes.delete(ring);
    assertFreshReaderIsRefused(ring);
    assertThat(seen).extracting(Topology::epoch).containsExactly(new Epoch(1), new Epoch(2));
  }

  @Test
  void aDocumentForNewerReadersIsRefusedAndWatchersKeepTheOldTopology() throws Exception {
    List<Topology> seen = watch();
    nodes.set(paths.topology(), withFormat(2, 2));
    assertThatThrownBy(store::read)
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("has format 2")
        .hasMessageContaining("upgrade");
    assertThat(seen).containsExactly(TestTopologies.everything());
  }

  @Test
  void aDocumentOfTheNextReleaseIsReadButNotOverwritten() throws Exception {
    nodes.set(paths.topology(), withFormat(2, 1));
    Topology read = store.read();
    assertThat(read).isEqualTo(TestTopologies.everything());
    byte[] before = nodes.get(paths.topology());
    assertThatThrownBy(() -> store.compareAndSet(read.next()))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("Upgrade");
    assertThat(nodes.get(paths.topology())).isEqualTo(before);
  }

  /** Several times, since a watcher that has not looked yet sees the new node as a change. */
  @Test
  void aTopologyThatWasLostAndRestoredIsSeenAtOnce() throws Exception {
    List<Topology> seen = watch();
    for (int times = 1; times <= 10; times++) {
      Topology lost = store.read();
      nodes.deleteAll(paths.root());
      Thread.sleep(20);
      try (ZooKeeperCluster other =
          ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
        assertThat(other.topologyStore().restore(lost.next()))
            .isInstanceOf(CompareAndSet.Applied.class);
      }
      int expected = times + 1;
      await().until(() -> seen.size() == expected);
    }
  }

  @Test
  void aTopologyThatWasLostWithoutItsRingsIsRestored() throws Exception {
    Topology lost = store.read();
    pinIn("text_keys");
    nodes.delete(paths.topology());
    Topology kept = lost.next().next().withoutMove(9).withoutKeyspace("events");
    assertThat(store.restore(kept)).isEqualTo(applied(3));
    assertThat(store.read()).isEqualTo(kept);
    assertThat(nodes.exists(paths.rings("events"))).isFalse();
    try (ZooKeeperCluster fresh =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      assertThat(fresh.topologyStore().read()).isEqualTo(kept);
    }
    pinIn("text_keys");
  }

  @Test
  void aClusterThatBeganAnewIsNotTakenForANewerTopology() throws Exception {
    apply(store.read().next());
    assertThat(store.read().epoch()).isEqualTo(new Epoch(2));
    try (ZooKeeperCluster other =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      nodes.delete(paths.topology());
      apply(other.topologyStore(), Topology.INITIAL);
    }
    assertThatThrownBy(store::read)
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("went back to epoch 1");
  }

  @Test
  void aChangeTooLargeForZooKeeperIsRefusedBeforeItIsSent() {
    Topology topology = store.read();
    List<Pin> pins = new ArrayList<>();
    for (int i = 0; i < Pins.MAX; i++) {
      pins.add(new Pin("k".repeat(100) + i, i, ShardId.of("one")));
    }
    KeyspaceTopology keyspace = topology.keyspace("text_keys").orElseThrow();
    Placement placement = new Placement(keyspace.placement(Region.ALL).ring(), Pins.of(pins));
    Topology next = topology.next().withKeyspace(keyspace.withPlacement(Region.ALL, placement));
    assertThatThrownBy(() -> store.compareAndSet(next))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000000")
        .hasMessageContaining("fewer");
    assertThat(store.read()).isEqualTo(topology);
    assertThat(store.isConnected()).isTrue();
  }

  @Test
  void theLargestChangeThatIsNotRefusedIsTaken() {
    // A ring of 5 bytes a virtual node, just below the limit.
    List<ShardId> ids = TestTopologies.shardIds(300);
    Topology next = TestTopologies.withShards(store.read().next(), ids);
    next = next.withKeyspace(TestTopologies.hashed("huge", ids, 620));
    apply(next);
    assertThat(store.read()).isEqualTo(next);
  }

  private void assertFreshReaderIsRefused(String ring) {
    try (ZooKeeperCluster fresh =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      assertThatThrownBy(fresh.topologyStore()::read)
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining(ring);
    }
  }

  private List<Topology> watch() {
    List<Topology> seen = new CopyOnWriteArrayList<>();
    store.watch(seen::add);
    await().until(() -> seen.size() == 1);
    return seen;
  }

  private void pinIn(String keyspace) {
    apply(pinned(store.read(), keyspace));
  }

  private static Topology pinned(Topology topology, String keyspace) {
    KeyspaceTopology changed = topology.keyspace(keyspace).orElseThrow();
    Placement placement = changed.placement(Region.ALL);
    Pins pins = placement.pins().with(new Pin("vip", 7, ShardId.of("one")));
    return topology
        .next()
        .withKeyspace(changed.withPlacement(Region.ALL, new Placement(placement.ring(), pins)));
  }

  private void apply(Topology next) {
    apply(store, next);
  }

  private static void apply(TopologyStore store, Topology next) {
    assertThat(store.compareAndSet(next)).isEqualTo(applied(next.epoch().value()));
  }

  private static CompareAndSet applied(long epoch) {
    return new CompareAndSet.Applied(new Epoch(epoch));
  }

  /** The document in force, as a later release would have written it. */
  private byte[] withFormat(int format, int minimumReader) throws Exception {
    String text = new String(nodes.get(paths.topology()), UTF_8);
    String open =
        text.substring(0, text.lastIndexOf(",\"crc32c\""))
            .replace("\"format\":1", "\"format\":" + format)
            .replace("\"minimumReader\":1", "\"minimumReader\":" + minimumReader);
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.wrap(open.getBytes(UTF_8)));
    return (open + ",\"crc32c\":\"%08x\"}".formatted(crc.getValue())).getBytes(UTF_8);
  }
}
