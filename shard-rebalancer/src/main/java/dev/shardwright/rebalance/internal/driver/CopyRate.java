package dev.shardwright.rebalance.internal.driver;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How fast rows go over while they do: pauses are left out, since what is left goes over without
 * them.
 *
 * @param before how many bytes had gone over when this leader began
 * @param beganNanos when that was
 */
record CopyRate(long before, long beganNanos) {
  /**
   * In bytes a second.
   *
   * @param bytes how many have gone over
   * @param rested how long the copy has paused since it began
   */
  long at(long nanos, long bytes, Duration rested) {
    double seconds = (double) (nanos - beganNanos - rested.toNanos()) / TimeUnit.SECONDS.toNanos(1);
    return Math.round((bytes - before) / seconds);
  }
}
