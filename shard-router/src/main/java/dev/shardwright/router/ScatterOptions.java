package dev.shardwright.router;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * The bounds of a query over several shards. Start from {@link #DEFAULTS}.
 *
 * @param deadline from the beginning to the first row; 1 millisecond to one day
 * @param parallelism the most shards that work at the same time; 1 to 1,000
 * @param fetchSize how many rows a shard sends at a time once an answer is too long to be sent
 *     whole; 0 lets the router choose, and makes it try first whether the answer is short
 * @param maxRows the most rows that may be held in memory, or copied to one shard, to work the
 *     answer out
 * @param maxBytes the most bytes of such rows
 */
public record ScatterOptions(
    Duration deadline, int parallelism, int fetchSize, int maxRows, long maxBytes) {
  /** The largest fetch size. */
  public static final int MAX_FETCH_SIZE = 1_000_000;

  private static final Duration MIN_DEADLINE = Duration.ofMillis(1);
  private static final Duration MAX_DEADLINE = Duration.ofDays(1);

  /** 30 seconds, 16 shards at a time, 100,000 rows and 64 MiB. */
  public static final ScatterOptions DEFAULTS =
      new ScatterOptions(Duration.ofSeconds(30), 16, 0, 100_000, 64L << 20);

  /**
   * @throws IllegalArgumentException if one is out of range
   */
  public ScatterOptions {
    checkArgument(
        deadline.compareTo(MIN_DEADLINE) >= 0 && deadline.compareTo(MAX_DEADLINE) <= 0,
        "deadline %s is not within %s to %s",
        deadline,
        MIN_DEADLINE,
        MAX_DEADLINE);
    checkArgument(
        parallelism >= 1 && parallelism <= 1_000,
        "parallelism %s is not within 1 to 1000",
        parallelism);
    checkArgument(
        fetchSize >= 0 && fetchSize <= MAX_FETCH_SIZE,
        "fetch size %s is not within 0 to %s",
        fetchSize,
        MAX_FETCH_SIZE);
    checkArgument(maxRows >= 1, "at least one row must be allowed, not %s", maxRows);
    checkArgument(maxBytes >= 1, "at least one byte must be allowed, not %s", maxBytes);
  }

  /** These with another deadline. */
  public ScatterOptions withDeadline(Duration changed) {
    return new ScatterOptions(changed, parallelism, fetchSize, maxRows, maxBytes);
  }

  /** These with another number of shards that work at the same time. */
  public ScatterOptions withParallelism(int changed) {
    return new ScatterOptions(deadline, changed, fetchSize, maxRows, maxBytes);
  }

  /** These with another number of rows that a shard sends at a time. */
  public ScatterOptions withFetchSize(int changed) {
    return new ScatterOptions(deadline, parallelism, changed, maxRows, maxBytes);
  }

  /** These with other limits of what is held in memory or copied. */
  public ScatterOptions withLimits(int rows, long bytes) {
    return new ScatterOptions(deadline, parallelism, fetchSize, rows, bytes);
  }
}
