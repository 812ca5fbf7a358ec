package dev.shardwright.rebalance.internal.copy;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How a table is copied.
 *
 * @param lanes how many parts of a table are copied at once
 * @param chunkTime how long a chunk should take
 * @param chunkBytes how much a chunk should be at most
 */
public record CopyOptions(int lanes, Duration chunkTime, long chunkBytes) {
  /** Sound for most. */
  public static final CopyOptions DEFAULTS =
      new CopyOptions(2, Duration.ofMillis(400), 8 * 1024 * 1024);

  private static final int MOST_LANES = 16;

  public CopyOptions {
    checkArgument(
        1 <= lanes && lanes <= MOST_LANES, "%s lanes are not within 1 to %s", lanes, MOST_LANES);
    checkArgument(chunkTime.toMillis() > 0, "a chunk must take at least 1 ms, not %s", chunkTime);
    checkArgument(chunkBytes > 0, "a chunk must be at least 1 byte, not %s", chunkBytes);
  }
}
