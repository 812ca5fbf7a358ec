package dev.shardwright.router.internal.route;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Ring;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the work on each virtual node of a ring. One piece of work in {@link #SAMPLED} is counted,
 * and for as many, so that counting costs next to nothing and threads seldom meet. Thread-safe.
 */
final class LoadCounts {
  /** A power of two. */
  static final int SAMPLED = 16;

  private final Ring ring;
  private final AtomicLongArray counts;

  LoadCounts(Ring ring) {
    this.ring = ring;
    this.counts = new AtomicLongArray(ring.size());
  }

  /** Whether this piece of work is one of those that are counted. */
  static boolean isSampled() {
    return (ThreadLocalRandom.current().nextInt() & (SAMPLED - 1)) == 0;
  }

  void count(long token) {
    counts.getAndAdd(ring.indexOf(token), SAMPLED);
  }

  /** What was counted since the last call, without the virtual nodes that had nothing. */
  SortedMap<KeyRange, Long> take() {
    SortedMap<KeyRange, Long> taken = new TreeMap<>();
    for (int i = 0; i < counts.length(); i++) {
      long count = counts.getAndSet(i, 0);
      if (count > 0) {
        taken.put(ring.virtualNode(i).range(), count);
      }
    }
    return taken;
  }
}
