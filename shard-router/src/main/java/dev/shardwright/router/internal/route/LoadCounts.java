package dev.shardwright.router.internal.route;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the work on each virtual node of a ring, and apart from them on each pin, which may be on
 * another shard. One piece of work in {@link #SAMPLED} is counted, and for as many, so that
 * counting costs next to nothing and threads seldom meet. Thread-safe.
 */
final class LoadCounts {
  /** A power of two. */
  static final int SAMPLED = 16;

  private final Ring ring;
  private final AtomicLongArray counts;

  /** By token; never changed after construction but for the counts. */
  private final Map<Long, AtomicLong> pinned = new HashMap<>();

  LoadCounts(Placement placement) {
    this.ring = placement.ring();
    this.counts = new AtomicLongArray(ring.size());
    for (Pin pin : placement.pins().all()) {
      pinned.put(pin.token(), new AtomicLong());
    }
  }

  /** Whether this piece of work is one of those that are counted. */
  static boolean isSampled() {
    return (ThreadLocalRandom.current().nextInt() & (SAMPLED - 1)) == 0;
  }

  void count(long token) {
    AtomicLong pin = pinned.isEmpty() ? null : pinned.get(token);
    if (pin != null) {
      pin.getAndAdd(SAMPLED);
    } else {
      counts.getAndAdd(ring.indexOf(token), SAMPLED);
    }
  }

  /**
   * What was counted since the last call, without what had nothing: by virtual node, and by range
   * of one token for a pin.
   */
  SortedMap<KeyRange, Long> take() {
    SortedMap<KeyRange, Long> taken = new TreeMap<>();
    for (int i = 0; i < counts.length(); i++) {
      long count = counts.getAndSet(i, 0);
      if (count > 0) {
        taken.put(ring.virtualNode(i).range(), count);
      }
    }
    pinned.forEach(
        (token, pin) -> {
          long count = pin.getAndSet(0);
          if (count > 0) {
            taken.merge(KeyRange.of(token), count, Long::sum);
          }
        });
    return taken;
  }
}
