package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkState;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.watch.TopologyFeed;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A topology store within one process, gone with it: for tests. Thread-safe. */
public final class InMemoryTopologyStore implements TopologyStore {
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "shardwright-topology");
            thread.setDaemon(true);
            return thread;
          });
  private final TopologyFeed feed = new TopologyFeed(executor);
  private @Nullable Topology current;
  private boolean closed;

  /** A store that holds no topology yet. */
  public InMemoryTopologyStore() {}

  /** A store that holds this topology. */
  public InMemoryTopologyStore(Topology topology) {
    this.current = topology;
  }

  @Override
  public synchronized Topology read() {
    checkOpen();
    if (current == null) {
      throw new TopologyUnavailable("there is no topology yet: set the cluster up first", null);
    }
    return current;
  }

  @Override
  public synchronized Optional<Epoch> epoch() {
    checkOpen();
    return Optional.ofNullable(current).map(Topology::epoch);
  }

  @Override
  public synchronized CompareAndSet compareAndSet(Topology next) {
    checkOpen();
    Epoch inForce = current == null ? Epoch.NONE : current.epoch();
    if (!next.epoch().equals(inForce.next())) {
      return new CompareAndSet.Lost(inForce);
    }
    current = next;
    feed.offer(next);
    return new CompareAndSet.Applied(next.epoch());
  }

  @Override
  public synchronized CompareAndSet restore(Topology kept) {
    checkOpen();
    if (current != null) {
      return new CompareAndSet.Lost(current.epoch());
    }
    current = kept;
    feed.offer(kept);
    return new CompareAndSet.Applied(kept.epoch());
  }

  @Override
  public synchronized Subscription watch(Consumer<Topology> listener) {
    feed.offer(read());
    return feed.subscribe(listener);
  }

  @Override
  public synchronized boolean isConnected() {
    return !closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    feed.close();
    executor.shutdown();
  }

  private void checkOpen() {
    checkState(!closed, "the topology store is closed");
  }
}
