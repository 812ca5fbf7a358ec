package dev.shardwright.topology.zookeeper;

import dev.shardwright.internal.watch.TopologyFeed;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore.Subscription;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.Watcher;

/**
 * Follows the topology: reads it again when ZooKeeper says that it changed, when a connection is
 * back, and from time to time in case neither was said. Reads and listeners share one thread.
 * Thread-safe.
 */
final class TopologyWatch implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(30);

  private final CuratorFramework curator;
  private final Requests requests;
  private final SnapshotLoader loader;
  private final Worker worker;
  private final TopologyFeed feed;
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** Always the same object, so that ZooKeeper keeps one watch however often the node is read. */
  private final Watcher watcher = event -> refreshSoon();

  private final ConnectionStateListener onReconnect =
      (client, state) -> {
        if (state == ConnectionState.RECONNECTED) {
          refreshSoon();
        }
      };

  TopologyWatch(
      CuratorFramework curator, Requests requests, SnapshotLoader loader, String cluster) {
    this.curator = curator;
    this.requests = requests;
    this.loader = loader;
    this.worker = new Worker("shardwright-topology-" + cluster);
    this.feed = new TopologyFeed(worker);
  }

  /** Calls the listener with this topology or the newest, then with newer ones. */
  Subscription subscribe(Topology newest, Consumer<Topology> listener) {
    feed.offer(newest);
    Subscription subscription = feed.subscribe(listener);
    if (started.compareAndSet(false, true)) {
      curator.getConnectionStateListenable().addListener(onReconnect);
      refreshSoon();
      worker.later(POLL, this::poll);
    }
    return subscription;
  }

  @Override
  public void close() {
    curator.getConnectionStateListenable().removeListener(onReconnect);
    feed.close();
    worker.close();
  }

  private void poll() {
    refreshSoon();
    worker.later(POLL, this::poll);
  }

  private void refreshSoon() {
    if (scheduled.compareAndSet(false, true)) {
      worker.execute(this::refresh);
    }
  }

  /** A failure is logged by the worker; the listeners go on with the topology they have. */
  private void refresh() {
    scheduled.set(false);
    if (requests.isConnected()) {
      loader
          .load(watcher, requests.newDeadline())
          .ifPresent(snapshot -> feed.offer(snapshot.topology()));
    }
  }
}
