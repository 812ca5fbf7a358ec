package dev.shardwright.router;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * The size of each pool; there is one for each endpoint. A pool opens no connection before one is
 * asked for and none ahead of demand, so a shard that is down is left alone until somebody needs
 * it.
 *
 * @param maxConnections the most connections to one endpoint, 1 to 1,000
 * @param idleTimeout how long an unused connection is kept, at least 10 seconds
 * @param maxLifetime after which a connection is replaced, at least 30 seconds
 */
public record PoolProfile(int maxConnections, Duration idleTimeout, Duration maxLifetime) {
  /**
   * For a service that runs for long: at most 10 connections, kept for 10 minutes. Ten keep a
   * server of four to eight cores busy; what matters more, the sum over all instances of the
   * service stays below PostgreSQL's default of 100 for up to nine of them.
   */
  public static final PoolProfile SERVER =
      new PoolProfile(10, Duration.ofMinutes(10), Duration.ofMinutes(30));

  /**
   * For functions that come and go in large numbers: at most 5 connections, kept for 30 seconds.
   */
  public static final PoolProfile SERVERLESS =
      new PoolProfile(5, Duration.ofSeconds(30), Duration.ofMinutes(30));

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public PoolProfile {
    checkArgument(
        1 <= maxConnections && maxConnections <= 1_000,
        "%s connections are not within 1 to 1000",
        maxConnections);
    checkArgument(
        idleTimeout.compareTo(Duration.ofSeconds(10)) >= 0,
        "idle timeout %s is less than 10 seconds",
        idleTimeout);
    checkArgument(
        maxLifetime.compareTo(Duration.ofSeconds(30)) >= 0,
        "maximum lifetime %s is less than 30 seconds",
        maxLifetime);
  }

  /** This profile with another bound. */
  public PoolProfile withMaxConnections(int changed) {
    return new PoolProfile(changed, idleTimeout, maxLifetime);
  }
}
