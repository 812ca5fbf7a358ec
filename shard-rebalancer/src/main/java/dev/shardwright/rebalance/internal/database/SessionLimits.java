package dev.shardwright.rebalance.internal.database;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How long the server lets a session of the mover have its way. None may be zero, which to the
 * server means for ever.
 *
 * @param statement how long one statement may take
 * @param lock how long a statement may wait for each lock
 * @param idleInTransaction how long the session may be silent within a transaction; on the way to a
 *     cutover at most two seconds, or a frozen mover keeps out its successor
 * @param idle how long it may be silent between transactions
 */
public record SessionLimits(
    Duration statement, Duration lock, Duration idleInTransaction, Duration idle) {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofMillis(Integer.MAX_VALUE);

  /**
   * @throws IllegalArgumentException if one is below a millisecond or more than the server takes
   */
  public SessionLimits {
    check("statement", statement);
    check("lock", lock);
    check("idle in transaction", idleInTransaction);
    check("idle", idle);
  }

  private static void check(String name, Duration limit) {
    checkArgument(
        limit.compareTo(LEAST) >= 0 && limit.compareTo(MOST) <= 0,
        "limit '%s' of a mover's session must be within %s to %s, not %s",
        name,
        LEAST,
        MOST,
        limit);
  }
}
