package dev.shardwright.router.internal.run;

import java.util.random.RandomGenerator;

/**
 * How long to pause before doing work again: exponential with full jitter, so that those who
 * collided do not collide again. 5 ms at most before the second attempt, then twice as much each
 * time, up to 500 ms.
 */
public final class Backoff {
  /** How often work is attempted in all. */
  public static final int MAX_ATTEMPTS = 10;

  private static final long FIRST_NANOS = 5_000_000;
  private static final long MAX_NANOS = 500_000_000;

  private Backoff() {}

  /**
   * The pause after so many failed attempts.
   *
   * @param failed at least 1
   */
  public static long nanosAfter(int failed, RandomGenerator random) {
    long ceiling = Math.min(MAX_NANOS, FIRST_NANOS << Math.min(failed - 1, 20));
    return 1 + random.nextLong(ceiling);
  }
}
