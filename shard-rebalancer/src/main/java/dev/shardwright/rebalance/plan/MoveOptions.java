package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How a migration is carried out.
 *
 * @param rollbackWindow how long the ranges can be taken back after they changed hands; may be zero
 * @param bytesPerSecond how much is copied in a second at most
 * @param lanes how many parts of a table are copied, and compared, at once
 * @param pause how long work on the ranges may wait in one attempt at the cutover
 */
public record MoveOptions(Duration rollbackWindow, long bytesPerSecond, int lanes, Duration pause) {
  private static final Duration LONGEST_WINDOW = Duration.ofDays(7);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final int MOST_LANES = 16;

  /** A window of ten minutes, no bound on the rate, two lanes, a pause of at most 50 ms. */
  public static final MoveOptions DEFAULTS =
      new MoveOptions(Duration.ofMinutes(10), Long.MAX_VALUE, 2, Duration.ofMillis(50));

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public MoveOptions {
    checkArgument(
        !rollbackWindow.isNegative() && rollbackWindow.compareTo(LONGEST_WINDOW) <= 0,
        "a rollback window of %s is not within 0 to %s",
        rollbackWindow,
        LONGEST_WINDOW);
    checkArgument(bytesPerSecond > 0, "%s bytes a second: at least 1", bytesPerSecond);
    checkArgument(
        1 <= lanes && lanes <= MOST_LANES, "%s lanes are not within 1 to %s", lanes, MOST_LANES);
    checkArgument(
        pause.toMillis() >= 1 && pause.compareTo(LONGEST_PAUSE) <= 0,
        "a pause of %s is not within 1 ms to %s",
        pause,
        LONGEST_PAUSE);
  }
}
