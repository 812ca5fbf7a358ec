package dev.shardwright.examples.quickstart;

import java.util.stream.LongStream;

/** How long operations took. Immutable. */
final class Latencies {
  private final long[] ascendingNanos;

  Latencies(LongStream nanos) {
    this.ascendingNanos = nanos.sorted().toArray();
  }

  int count() {
    return ascendingNanos.length;
  }

  /**
   * The time that this share of operations did not exceed, in milliseconds; 0 if there were none.
   */
  double percentileMillis(double share) {
    if (ascendingNanos.length == 0) {
      return 0;
    }
    int index = (int) Math.ceil(share * ascendingNanos.length) - 1;
    return ascendingNanos[Math.max(0, index)] / 1e6;
  }
}
