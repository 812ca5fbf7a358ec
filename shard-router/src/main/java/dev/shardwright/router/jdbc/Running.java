package dev.shardwright.router.jdbc;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a statement is just carrying out, on one or several shards, for whoever wants to cancel it.
 * Thread-safe.
 */
final class Running {
  private final Set<Cancel> current = ConcurrentHashMap.newKeySet();

  /** Ends what runs on one shard, or a query over several. */
  @FunctionalInterface
  interface Cancel {
    void cancel() throws SQLException;
  }

  void begin(Cancel cancel) {
    current.add(cancel);
  }

  /**
   * @param cancel what {@link #begin} was given
   */
  void end(Cancel cancel) {
    current.remove(cancel);
  }

  /** Ends all that runs now, if anything does. */
  void cancel() throws SQLException {
    SQLException failure = null;
    for (Cancel running : current) {
      try {
        running.cancel();
      } catch (SQLException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
