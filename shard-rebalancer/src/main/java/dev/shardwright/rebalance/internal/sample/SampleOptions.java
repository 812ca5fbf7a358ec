package dev.shardwright.rebalance.internal.sample;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How much sampling may cost, and which keys it names.
 *
 * @param mostPages how many pages of one table are read on each shard; one that has no more is read
 *     whole
 * @param statementTimeout when the server ends a statement of the sampling
 * @param heavyShare the part of a table's rows on its shard from which on a key is named
 */
public record SampleOptions(int mostPages, Duration statementTimeout, double heavyShare) {
  /** Up to 80 MB of each table and shard, half a minute, keys from half a hundredth on. */
  public static final SampleOptions DEFAULTS =
      new SampleOptions(10_000, Duration.ofSeconds(30), 0.005);

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public SampleOptions {
    checkArgument(mostPages > 0, "%s pages are too few", mostPages);
    checkArgument(
        statementTimeout.toMillis() > 0, "statement timeout %s is too short", statementTimeout);
    checkArgument(
        0 < heavyShare && heavyShare <= 1, "heavy share %s is not within 0 to 1", heavyShare);
  }
}
