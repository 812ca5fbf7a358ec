package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How a plan is cut, and how its time is estimated.
 *
 * @param mostBytesPerMove a range move with more is split into several, so that a plan can be
 *     carried out in steps; a key or grid step that alone has more is not split
 * @param bytesPerSecond how fast rows move
 */
public record PlanOptions(long mostBytesPerMove, long bytesPerSecond) {
  /** One range move for each pair of shards, at 50 MB a second. */
  public static final PlanOptions DEFAULTS = new PlanOptions(Long.MAX_VALUE, 50_000_000);

  /**
   * @throws IllegalArgumentException if a value is not positive
   */
  public PlanOptions {
    checkArgument(mostBytesPerMove > 0, "%s bytes for a move are too few", mostBytesPerMove);
    checkArgument(bytesPerSecond > 0, "%s bytes a second are too few", bytesPerSecond);
  }

  /** These options with another limit for a move. */
  public PlanOptions withMostBytesPerMove(long changed) {
    return new PlanOptions(changed, bytesPerSecond);
  }

  /** These options with another rate. */
  public PlanOptions withBytesPerSecond(long changed) {
    return new PlanOptions(mostBytesPerMove, changed);
  }
}
