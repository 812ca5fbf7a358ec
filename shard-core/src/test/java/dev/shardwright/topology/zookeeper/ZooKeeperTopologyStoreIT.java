package dev.shardwright.topology.zookeeper;

import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.TopologyStoreContract;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The store on ZooKeeper keeps the contract of every store. */
class ZooKeeperTopologyStoreIT extends TopologyStoreContract {
  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;

  @BeforeAll
  static void start() {
    server = ZooKeeperServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  protected TopologyStore emptyStore() {
    return new OwnConnection("contract-" + CLUSTERS.incrementAndGet());
  }

  @Override
  protected TopologyStore another(TopologyStore store) {
    return new OwnConnection(((OwnConnection) store).name);
  }

  /** A store that takes its connection with it when it is closed. */
  private static final class OwnConnection implements TopologyStore {
    private final String name;
    private final ZooKeeperCluster cluster;
    private final TopologyStore store;

    OwnConnection(String name) {
      this.name = name;
      this.cluster = ZooKeeperCluster.connect(server.connectString(), name);
      this.store = cluster.topologyStore();
    }

    @Override
    public Topology read() {
      return store.read();
    }

    @Override
    public Optional<Epoch> epoch() {
      return store.epoch();
    }

    @Override
    public CompareAndSet compareAndSet(Topology next) {
      return store.compareAndSet(next);
    }

    @Override
    public CompareAndSet restore(Topology kept) {
      return store.restore(kept);
    }

    @Override
    public Subscription watch(Consumer<Topology> listener) {
      return store.watch(listener);
    }

    @Override
    public boolean isConnected() {
      return store.isConnected();
    }

    @Override
    public void close() {
      store.close();
      cluster.close();
    }
  }
}
