package dev.shardwright.topology.zookeeper;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When something has to be done by. */
record Deadline(Duration limit, long endNanos) {

  static Deadline after(Duration limit) {
    return new Deadline(limit, System.nanoTime() + limit.toNanos());
  }

  /** Never negative. */
  long remainingMillis() {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
  }

  boolean isOver() {
    return System.nanoTime() - endNanos >= 0;
  }
}
