package dev.shardwright.admin;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How long {@link ClusterAdmin} waits for databases.
 *
 * @param connectTimeout to open a connection; at least 1 s
 * @param lockTimeout for each lock. While it waits for a table's lock, new writers queue up behind
 *     it: keep it short
 * @param statementTimeout for each statement; counting rows and copying reference tables take the
 *     longest
 */
public record ClusterAdminOptions(
    Duration connectTimeout, Duration lockTimeout, Duration statementTimeout) {
  private static final Duration MAX = Duration.ofHours(24);

  /** 5 s to connect, 3 s for a lock, 10 minutes for a statement. */
  public static final ClusterAdminOptions DEFAULTS =
      new ClusterAdminOptions(Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofMinutes(10));

  /**
   * @throws IllegalArgumentException if a wait is out of range
   */
  public ClusterAdminOptions {
    check("connectTimeout", connectTimeout, Duration.ofSeconds(1));
    check("lockTimeout", lockTimeout, Duration.ofMillis(1));
    check("statementTimeout", statementTimeout, Duration.ofMillis(1));
  }

  /** The same with another wait for each statement. */
  public ClusterAdminOptions withStatementTimeout(Duration changed) {
    return new ClusterAdminOptions(connectTimeout, lockTimeout, changed);
  }

  private static void check(String name, Duration wait, Duration min) {
    checkArgument(
        wait.compareTo(min) >= 0 && wait.compareTo(MAX) <= 0,
        "%s %s is not within %s to %s",
        name,
        wait,
        min,
        MAX);
  }
}
