package dev.shardwright.rebalance.watch;

import java.time.Duration;
import java.util.Optional;

/**
 * How far the copying of a migration has come.
 *
 * @param rows how many rows went over
 * @param bytes how much that was
 * @param estimatedRows about how many rows there are in all; 0 while nobody knows
 * @param bytesPerSecond how fast they go over, since whoever leads began, pauses left out; 0 while
 *     nobody knows
 * @param keyLog about how many writes wait in the key logs to be copied again
 */
public record MigrationProgress(
    long rows, long bytes, long estimatedRows, long bytesPerSecond, long keyLog) {
  /** Before anything was copied. */
  public static final MigrationProgress NONE = new MigrationProgress(0, 0, 0, 0, 0);

  /** About how much there is in all; 0 while nobody knows. */
  public long estimatedBytes() {
    return rows == 0 ? 0 : Math.round((double) bytes / rows * Math.max(rows, estimatedRows));
  }

  /** About how long copying still takes while rows are being copied, if anybody knows. */
  public Optional<Duration> timeLeft() {
    if (rows == 0 || bytesPerSecond == 0) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofSeconds((estimatedBytes() - bytes) / bytesPerSecond));
  }

  /** The same with another number of writes that wait. */
  public MigrationProgress withKeyLog(long changed) {
    return new MigrationProgress(rows, bytes, estimatedRows, bytesPerSecond, changed);
  }
}
