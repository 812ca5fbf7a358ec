package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that go on while a ZooKeeper without data takes the place of the one they knew. */
@Timeout(90)
@Tag("slow")
class LostZooKeeperIT {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /** The new ZooKeeper gives fewer numbers to its transactions than this makes in the old one. */
  private static final int EPOCHS = 50;

  private final ZooKeeperServer server = ZooKeeperServer.start();
  private ZooKeeperCluster survivor;
  private TopologyStore store;

  @BeforeEach
  void setUp() {
    survivor = ZooKeeperCluster.connect(server.connectString(), "lost");
    store = survivor.topologyStore();
    store.compareAndSet(Topology.INITIAL);
    for (int i = 1; i < EPOCHS; i++) {
      store.compareAndSet(store.read().next());
    }
    assertThat(store.read().epoch()).isEqualTo(new Epoch(EPOCHS));
  }

  @AfterEach
  void tearDown() {
    survivor.close();
    server.close();
  }

  @Test
  void aWatchGoesOnWithTheTopologyThatIsRestored() {
    List<Epoch> seen = new CopyOnWriteArrayList<>();
    store.watch(topology -> seen.add(topology.epoch()));
    await().atMost(PATIENCE).until(() -> seen.size() == 1);
    Topology restored = store.read().withEpoch(new Epoch(1_000));

    server.restartEmpty();
    try (ZooKeeperCluster other = ZooKeeperCluster.connect(server.connectString(), "lost")) {
      assertThat(other.topologyStore().restore(restored))
          .isEqualTo(new CompareAndSet.Applied(new Epoch(1_000)));
    }

    await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(1_000)));
    assertThat(seen).containsExactly(new Epoch(EPOCHS), new Epoch(1_000));
    assertThat(store.read()).isEqualTo(restored);
    assertThat(store.compareAndSet(restored.next()))
        .isEqualTo(new CompareAndSet.Applied(new Epoch(1_001)));
  }

  @Test
  void aClusterThatBeganAnewIsNotTakenForTheOneThatWasKnown() {
    server.restartEmpty();
    try (ZooKeeperCluster other = ZooKeeperCluster.connect(server.connectString(), "lost")) {
      other.topologyStore().compareAndSet(Topology.INITIAL);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThatThrownBy(store::read)
                    .isInstanceOf(TopologyUnavailable.class)
                    .hasMessageContaining("went back to epoch 1 after epoch 50 was seen"));
  }
}
