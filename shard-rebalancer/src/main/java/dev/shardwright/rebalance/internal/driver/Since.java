package dev.shardwright.rebalance.internal.driver;

import java.time.Duration;

/** A moment that was, by the clock that nobody sets. */
final class Since {
  private final long nanos = System.nanoTime();

  private Since() {}

  static Since now() {
    return new Since();
  }

  boolean isLongerAgoThan(Duration time) {
    return System.nanoTime() - nanos > time.toNanos();
  }
}
