package dev.shardwright.rebalance.internal.copy;

import java.time.Duration;
import java.util.Optional;

/**
 * How far the copy of a table has come.
 *
 * @param rows how many went over, in earlier runs too
 * @param bytes how much that was
 * @param estimatedRows about how many there are in all
 * @param bytesPerSecond in this run; 0 before its first chunk
 * @param complete whether all rows went over
 */
public record CopyProgress(
    long rows, long bytes, long estimatedRows, double bytesPerSecond, boolean complete) {

  /** About how long it still takes; empty while nothing can be said. */
  public Optional<Duration> timeLeft() {
    if (complete) {
      return Optional.of(Duration.ZERO);
    }
    if (rows == 0 || bytesPerSecond <= 0) {
      return Optional.empty();
    }
    double bytesLeft = Math.max(0, estimatedRows - rows) * ((double) bytes / rows);
    return Optional.of(Duration.ofMillis(Math.round(bytesLeft / bytesPerSecond * 1_000)));
  }
}
