package dev.shardwright.router;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How long each kind of wait may last; each is within 100 milliseconds to one day.
 *
 * @param acquire for a connection of a pool, waiting in line and connecting included; also how long
 *     a newer topology is waited for where a shard says that there is one
 * @param connect for opening one connection, signing in included
 * @param statement for one statement, ended by the server; also the time after which work is not
 *     begun again
 * @param close for the work that runs when the router is closed
 */
public record Timeouts(Duration acquire, Duration connect, Duration statement, Duration close) {
  private static final Duration MIN = Duration.ofMillis(100);
  private static final Duration MAX = Duration.ofDays(1);

  /** 5 seconds to acquire, 4 to connect, 30 for a statement, 10 to close. */
  public static final Timeouts DEFAULTS =
      new Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(4),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));

  /**
   * @throws IllegalArgumentException if one is out of range
   */
  public Timeouts {
    check("acquire", acquire);
    check("connect", connect);
    check("statement", statement);
    check("close", close);
  }

  /** These with another time for acquiring a connection. */
  public Timeouts withAcquire(Duration changed) {
    return new Timeouts(changed, connect, statement, close);
  }

  /** These with another time for opening a connection. */
  public Timeouts withConnect(Duration changed) {
    return new Timeouts(acquire, changed, statement, close);
  }

  /** These with another time for a statement. */
  public Timeouts withStatement(Duration changed) {
    return new Timeouts(acquire, connect, changed, close);
  }

  /** These with another time for closing. */
  public Timeouts withClose(Duration changed) {
    return new Timeouts(acquire, connect, statement, changed);
  }

  private static void check(String name, Duration timeout) {
    checkArgument(
        timeout.compareTo(MIN) >= 0 && timeout.compareTo(MAX) <= 0,
        "timeout %s of %s is not within %s to %s",
        name,
        timeout,
        MIN,
        MAX);
  }
}
