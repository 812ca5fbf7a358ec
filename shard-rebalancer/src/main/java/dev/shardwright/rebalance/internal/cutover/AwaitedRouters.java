package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * The routers that an attempt waits for. One that ZooKeeper knows gets its time; one whose session
 * there has ended will never acknowledge, and is cut off. Used by one thread, for one attempt.
 */
final class AwaitedRouters {
  private final RouterWatch routers;
  private final Connection from;
  private final Connection to;

  private Set<Integer> silent = Set.of();
  private boolean lookedForLost;

  AwaitedRouters(RouterWatch routers, Connection from, Connection to) {
    this.routers = routers;
    this.from = from;
    this.to = to;
  }

  /**
   * Looks once whether all have acknowledged what the move has come to.
   *
   * @param endLost whether to cut off those that never will; done once
   */
  boolean haveAcknowledged(RangeMove move, boolean endLost) throws SQLException {
    silent = routers.silent(silent, move);
    if (silent.isEmpty()) {
      silent = withSessions(move);
    }
    if (!silent.isEmpty() && endLost && !lookedForLost) {
      lookedForLost = true;
      routers.cutOff(routers.unregistered(silent), from, to);
      silent = withSessions(move);
    }
    return silent.isEmpty();
  }

  /** Those that have sessions now are what counts, whoever was seen before. */
  private Set<Integer> withSessions(RangeMove move) throws SQLException {
    return routers.missing(move, from, to);
  }
}
