package dev.shardwright.rebalance.internal.verify;

import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the key logs of a move from growing as long as its rows are compared, which may be hours: a
 * look at rows that differ reads a log from its start, and the cutover waits until all is applied.
 * Thread-safe.
 */
public final class ShortLogs {
  /** A shorter log is read within milliseconds. */
  static final long LONG = 10_000;

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** So long one log is drained before the next gets its turn, and a window is compared. */
  private static final Duration TURN = Duration.ofMillis(500);

  private final List<KeyLogDrain> drains;
  private final Throttle throttle;
  private final ReentrantLock looking = new ReentrantLock();
  private long looked = System.nanoTime() - INTERVAL.toNanos();

  /**
   * @param drains of all tables of the move; their copies are complete
   */
  public ShortLogs(List<KeyLogDrain> drains, Throttle throttle) {
    this.drains = List.copyOf(drains);
    this.throttle = throttle;
  }

  /** Drains the logs that have become long, if it is time to look; others do not wait for it. */
  void keep(Connection from, Connection to) throws SQLException, InterruptedException {
    if (!looking.tryLock()) {
      return;
    }
    try {
      if (System.nanoTime() - looked >= INTERVAL.toNanos()) {
        shorten(from, to);
        looked = System.nanoTime();
      }
    } finally {
      looking.unlock();
    }
  }

  private void shorten(Connection from, Connection to) throws SQLException, InterruptedException {
    for (KeyLogDrain drain : drains) {
      if (drain.length(from) > LONG) {
        var unused = drain.drainFor(TURN, from, to, throttle);
      }
    }
  }
}
