package dev.shardwright.rebalance.internal.events;

import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationListener;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events to a listener on a thread of its own, so that nobody waits for it. The thread is
 * there while there is something to hand over. Thread-safe.
 */
final class EventDelivery implements AutoCloseable {
  /** How many events may wait for the listener. */
  static final int MOST_WAITING = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final MigrationListener listener;
  private final Duration farewell;
  private final AtomicLong leftOut = new AtomicLong();
  private final ThreadPoolExecutor executor;

  /**
   * @param farewell how long {@link #close} waits for what was handed over before
   */
  EventDelivery(MigrationListener listener, Duration farewell) {
    this.listener = listener;
    this.farewell = farewell;
    this.executor =
        new ThreadPoolExecutor(
            0,
            1,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            EventDelivery::thread);
  }

  /** Returns at once. Leaves the event out if too many wait, or after the close. */
  void offer(MigrationEvent event) {
    try {
      executor.execute(() -> deliver(event));
    } catch (RejectedExecutionException e) {
      leftOut.incrementAndGet();
    }
  }

  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(farewell.toMillis(), TimeUnit.MILLISECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(MigrationEvent event) {
    long missed = leftOut.getAndSet(0);
    if (missed > 0) {
      LOG.warn("The listener was too slow: {} events were left out", missed);
    }
    try {
      listener.happened(event);
    } catch (RuntimeException | Error e) {
      LOG.error("The listener failed on '{}'; it is kept", event.describe(), e);
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "shardwright-migration-events");
    thread.setDaemon(true);
    return thread;
  }
}
