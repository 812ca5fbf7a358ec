package dev.shardwright.rebalance.internal.copy;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A row that came is in the way of another, or two lanes were in each other's: for the moment, as
 * the two sides are not at the same point in time.
 */
final class Conflicts {
  /** How often something is tried before its conflict counts as lasting. */
  static final int ATTEMPTS = 6;

  private static final long FIRST_PAUSE_MILLIS = 5;
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String EXCLUSION_VIOLATION = "23P01";
  private static final String DEADLOCK = "40P01";
  private static final Set<String> STATES = Set.of(UNIQUE_VIOLATION, EXCLUSION_VIOLATION, DEADLOCK);

  private Conflicts() {}

  static boolean isConflict(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && STATES.contains(state);
  }

  /** Waits a little longer with each attempt, and not the same for each lane. */
  static void pause(int attempt, TimeLeft left) {
    long most = Math.max(1, Math.min(FIRST_PAUSE_MILLIS << attempt, left.millis()));
    try {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
