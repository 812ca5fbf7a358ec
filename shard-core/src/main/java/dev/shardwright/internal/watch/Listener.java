package dev.shardwright.internal.watch;

import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener of a {@link TopologyFeed} and the last epoch that it was given. Thread-safe. */
final class Listener implements Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** How long closing waits for a call that is under way; a listener should not take that long. */
  private static final long CLOSE_MILLIS = 10_000;

  private final Consumer<Topology> consumer;
  private final Consumer<Listener> onClose;
  private Epoch delivered = Epoch.NONE;
  private @Nullable Thread caller;
  private boolean closed;

  Listener(Consumer<Topology> consumer, Consumer<Listener> onClose) {
    this.consumer = consumer;
    this.onClose = onClose;
  }

  /** Calls the listener unless it has seen this epoch or a newer one. */
  void offer(Topology topology) {
    Epoch before;
    synchronized (this) {
      if (closed || !topology.epoch().isAfter(delivered)) {
        return;
      }
      before = delivered;
      delivered = topology.epoch();
      caller = Thread.currentThread();
    }
    boolean accepted = false;
    try {
      consumer.accept(topology);
      accepted = true;
    } catch (RuntimeException | Error e) {
      LOG.error(
          "A listener failed on the topology of epoch {}; it is given it again",
          topology.epoch(),
          e);
    } finally {
      over(accepted ? topology.epoch() : before);
    }
  }

  private synchronized void over(Epoch seen) {
    delivered = seen;
    caller = null;
    notifyAll();
  }

  /** Waits for a call that is under way, unless it is that call that closes. */
  @Override
  public void close() {
    onClose.accept(this);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
    synchronized (this) {
      closed = true;
      while (caller != null && caller != Thread.currentThread()) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
          LOG.warn("A listener of the topology is still busy {} ms after its close", CLOSE_MILLIS);
          return;
        }
        try {
          wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
