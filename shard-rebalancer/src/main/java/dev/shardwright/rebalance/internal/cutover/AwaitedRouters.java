package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The routers that an attempt waits for. One that ZooKeeper knows gets its time; one whose session
 * there has ended will never acknowledge, and is cut off. Used by one thread, for one attempt.
 */
final class AwaitedRouters {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(10);

  /** They are named in a note that is kept in ZooKeeper. */
  private static final int MOST_NAMED = 3;

  private final RouterWatch routers;
  private final Connection from;
  private final Connection to;

  private Set<Integer> silent = Set.of();
  private boolean lookedForLost;
  private long lookedNanos;

  AwaitedRouters(RouterWatch routers, Connection from, Connection to) {
    this.routers = routers;
    this.from = from;
    this.to = to;
  }

  /**
   * Looks once whether all have acknowledged what the move has come to.
   *
   * @param endLost whether to cut off those that never will; done once
   * @param left for how much longer work may wait
   */
  boolean haveAcknowledged(RangeMove move, boolean endLost, Duration left) throws SQLException {
    long began = System.nanoTime();
    silent = routers.silent(silent, move);
    if (silent.isEmpty()) {
      silent = withSessions(move);
    }
    if (!silent.isEmpty() && endLost && !lookedForLost) {
      lookedForLost = true;
      routers.cutOff(routers.unregistered(silent), from, to, left);
      silent = withSessions(move);
    }
    lookedNanos = System.nanoTime() - began;
    return silent.isEmpty();
  }

  /** Those that had not acknowledged when it looked last, for people; empty if there were none. */
  Optional<String> describeSilent() {
    if (silent.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> named = silent.stream().sorted().limit(MOST_NAMED).toList();
    int others = silent.size() - named.size();
    String more = others > 0 ? " and %d more".formatted(others) : "";
    return Optional.of("routers %s%s to acknowledge the hold".formatted(named, more));
  }

  /**
   * Lets them come to rest: as long as the last look took, within limits, so that many routers are
   * not kept from acknowledging by it.
   */
  void pause() throws SQLException {
    long pause = Math.min(lookedNanos, LONGEST_PAUSE.toNanos());
    try {
      TimeUnit.NANOSECONDS.sleep(Math.max(SHORTEST_PAUSE.toNanos(), pause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("this leader is dismissed", "57014", e);
    }
  }

  /** Those that have sessions now are what counts, whoever was seen before. */
  private Set<Integer> withSessions(RangeMove move) throws SQLException {
    return routers.missing(move, from, to);
  }
}
