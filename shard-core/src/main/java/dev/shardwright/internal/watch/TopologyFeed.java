package dev.shardwright.internal.watch;

import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the newest topology to its listeners, one call at a time. While a listener is busy, newer
 * topologies replace each other: it is called next with the newest. Thread-safe.
 */
public final class TopologyFeed {
  private final Executor executor;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile @Nullable Topology newest;

  /**
   * @param executor runs the listeners, one task after the other
   */
  public TopologyFeed(Executor executor) {
    this.executor = executor;
  }

  /** Keeps the newer of the two, and hands it on, again too to a listener that failed on it. */
  public void offer(Topology seen) {
    synchronized (this) {
      Topology known = newest;
      if (known == null || seen.epoch().isAfter(known.epoch())) {
        newest = seen;
      }
    }
    schedule();
  }

  /** Calls the listener with the newest topology, once there is one, and with newer ones. */
  public Subscription subscribe(Consumer<Topology> consumer) {
    Listener listener = new Listener(consumer, listeners::remove);
    listeners.add(listener);
    schedule();
    return listener;
  }

  /** Ends all subscriptions. */
  public void close() {
    listeners.forEach(Listener::close);
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      executor.execute(this::deliver);
    }
  }

  private void deliver() {
    scheduled.set(false);
    Topology topology = newest;
    if (topology != null) {
      listeners.forEach(listener -> listener.offer(topology));
    }
  }
}
