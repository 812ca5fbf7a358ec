package dev.shardwright.rebalance.internal.cutover;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The sessions of an attempt, all of them open and used by it alone.
 *
 * @param gate on the shard that loses the ranges: holds the gate
 * @param from on the same shard
 * @param to on the shard that gets them
 * @param replicated whether that shard has replicas, one of which is to have all that it was given
 *     before anybody relies on it
 */
public record Links(Connection gate, Connection from, Connection to, boolean replicated) {
  /** The shard that gets the ranges ends its statements in time; if it cannot, it is left then. */
  private static final Duration SILENCE = Duration.ofMillis(50);

  /** Longer than a statement on the way to a cutover may take. */
  private static final Duration USUAL = Duration.ofSeconds(7);

  /** From now on work waits, and no answer of the shard that gets the ranges is awaited longer. */
  void hurry(Duration budget) throws SQLException {
    to.setNetworkTimeout(Runnable::run, (int) budget.plus(SILENCE).toMillis());
  }

  /** The ranges have changed hands, or will not: the budget does not count any more. */
  void takeTime() throws SQLException {
    if (!to.isClosed()) {
      to.setNetworkTimeout(Runnable::run, (int) USUAL.toMillis());
    }
  }
}
