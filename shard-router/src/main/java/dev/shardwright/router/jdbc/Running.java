package dev.shardwright.router.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a statement is just carrying out, for whoever wants to cancel it. Thread-safe. */
final class Running {
  private volatile @Nullable Cancel current;

  /** Ends what runs. */
  @FunctionalInterface
  interface Cancel {
    void cancel() throws SQLException;
  }

  void begin(Cancel cancel) {
    current = cancel;
  }

  void end() {
    current = null;
  }

  /** Ends what runs now, if anything does. */
  void cancel() throws SQLException {
    Cancel running = current;
    if (running != null) {
      running.cancel();
    }
  }
}
