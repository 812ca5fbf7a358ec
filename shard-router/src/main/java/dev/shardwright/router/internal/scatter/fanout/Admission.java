package dev.shardwright.router.internal.scatter.fanout;

import dev.shardwright.router.ShardUnavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many queries hold connections of several shards at the same time: streams and copies.
 * Thread-safe.
 *
 * <p>Such a query keeps what it has while it takes more, so that two could wait for each other. It
 * takes one connection of each shard at most; if there are no more such queries than a pool has
 * connections, none of them has to wait for another. One connection of each pool is left over,
 * where there is more than one, for what runs while a stream is read.
 */
public final class Admission {
  /** How soon a query notices that it is to end while it waits. */
  private static final long SLICE_MILLIS = 100;

  private final int most;
  private final Duration patience;
  private final Semaphore places;

  /**
   * @param connections how many connections a pool has
   * @param patience how long a query waits at most
   */
  public Admission(int connections, Duration patience) {
    this.most = Math.max(1, connections - 1);
    this.patience = patience;
    this.places = new Semaphore(most, /* fair= */ true);
  }

  /** The place of one query, free again as soon as the last of its holders has left. */
  public final class Place {
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * Another holder, unless the last has left already; gives how it leaves, which it does once.
     */
    public Runnable join() {
      boolean late = holders.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0;
      return late ? () -> {} : this::leave;
    }

    /** The first holder leaves. */
    public void leave() {
      if (holders.decrementAndGet() == 0) {
        places.release();
      }
    }
  }

  /**
   * Waits for a place.
   *
   * @throws ShardUnavailable if none became free in time, or the thread was interrupted
   * @throws RuntimeException why the query was stopped meanwhile
   */
  public Place enter(Cancellation cancellation) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!places.tryAcquire(SLICE_MILLIS, TimeUnit.MILLISECONDS)) {
        RuntimeException reason = cancellation.reason();
        if (reason != null) {
          throw reason;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new ShardUnavailable(
              ("%s queries hold connections of several shards, as many as the pools have room for;"
                      + " none ended within %s ms")
                  .formatted(most, patience.toMillis()),
              null);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ShardUnavailable(
          "interrupted while other queries held the connections of the shards", e);
    }
    return new Place();
  }
}
