package dev.shardwright.router.internal.route;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work that is under way. Counting takes a few nanoseconds however many threads do it,
 * since each has a place of its own to count at. Thread-safe.
 *
 * <p>Whether nothing is under way can be told for sure only once nobody begins any more; until then
 * the answer may be no where it could have been yes, never the other way round.
 */
public final class InFlight {
  /** A power of two; so many that threads seldom meet. */
  private static final int STRIPES =
      Integer.highestOneBit(Math.min(32, 4 * Runtime.getRuntime().availableProcessors()));

  /** Longs between two stripes, so that they are not on one cache line. */
  private static final int SPREAD = 16;

  private final AtomicLongArray begun = new AtomicLongArray(STRIPES * SPREAD);
  private final AtomicLongArray ended = new AtomicLongArray(STRIPES * SPREAD);
  private volatile @Nullable Runnable listener;

  /** Work begins. */
  public void begin() {
    begun.getAndIncrement(stripe());
  }

  /** Work that has begun ends, in whichever thread. */
  public void end() {
    ended.getAndIncrement(stripe());
    Runnable told = listener;
    if (told != null) {
      told.run();
    }
  }

  /** Whether all that had begun before this call has ended. */
  public boolean isQuiescent() {
    // In this order: what ends between the two sums counts as under way.
    long over = sum(ended);
    return sum(begun) == over;
  }

  /** From here on this is called each time work ends; it must be quick. */
  public void onEnd(Runnable told) {
    listener = told;
  }

  private static int stripe() {
    return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * SPREAD;
  }

  private static long sum(AtomicLongArray counts) {
    long sum = 0;
    for (int at = 0; at < counts.length(); at += SPREAD) {
      sum += counts.get(at);
    }
    return sum;
  }
}
