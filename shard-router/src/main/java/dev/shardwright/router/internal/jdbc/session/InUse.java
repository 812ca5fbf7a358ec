package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.SQLException;

/**
 * Counts what a session is just doing, so that whoever ends it knows whether another thread is in
 * the middle of something. Thread-safe.
 */
public final class InUse {
  private int doing;
  private volatile boolean over;

  /** Something that is done with the session. */
  @FunctionalInterface
  public interface Use<T> {
    T of() throws SQLException;
  }

  /** The same, where nothing comes of it. */
  @FunctionalInterface
  public interface Step {
    void run() throws SQLException;
  }

  /**
   * Does something.
   *
   * @throws SQLException also if the session is over
   */
  public <T> T during(Use<T> use) throws SQLException {
    begin();
    try {
      return use.of();
    } finally {
      end();
    }
  }

  /** The same, where nothing comes of it. */
  public void doing(Step step) throws SQLException {
    during(
        () -> {
          step.run();
          return true;
        });
  }

  private synchronized void begin() throws SQLException {
    check();
    doing++;
  }

  private synchronized void end() {
    doing--;
  }

  /**
   * @throws SQLException if the session is over
   */
  void check() throws SQLException {
    if (over) {
      throw SqlFailures.closed("connection");
    }
  }

  boolean isOver() {
    return over;
  }

  /**
   * The session is over: nothing begins any more.
   *
   * @return whether it is the caller's to clear up: nobody is doing anything
   */
  synchronized boolean finish() {
    over = true;
    if (doing > 0) {
      return false;
    }
    doing++;
    return true;
  }
}
