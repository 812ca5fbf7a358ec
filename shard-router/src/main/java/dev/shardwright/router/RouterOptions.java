package dev.shardwright.router;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/**
 * How a router works. Start from {@link #DEFAULTS}.
 *
 * @param credentials where user names and passwords come from
 * @param pools the size of each pool
 * @param timeouts how long each kind of wait may last
 * @param pgBouncer whether the endpoints are proxies that share sessions (PgBouncer in transaction
 *     mode): nothing is prepared on the server, no lock is held in the session, and the deadline of
 *     statements is kept by the client alone, so set {@code statement_timeout} for the role;
 *     through JDBC nothing can be set for a session, only within a transaction with {@code SET
 *     LOCAL}
 * @param meters where metrics go; empty for nowhere
 * @param zookeeper how to speak to ZooKeeper
 */
public record RouterOptions(
    CredentialsProvider credentials,
    PoolProfile pools,
    Timeouts timeouts,
    boolean pgBouncer,
    Optional<MeterRegistry> meters,
    ZooKeeperOptions zookeeper) {
  /**
   * For a service that runs for long and connects to its databases directly; secrets come from
   * {@link EnvironmentCredentials}.
   */
  public static final RouterOptions DEFAULTS =
      new RouterOptions(
          new EnvironmentCredentials(),
          PoolProfile.SERVER,
          Timeouts.DEFAULTS,
          false,
          Optional.empty(),
          ZooKeeperOptions.DEFAULTS);

  /** These options with another source of user names and passwords. */
  public RouterOptions withCredentials(CredentialsProvider changed) {
    return new RouterOptions(changed, pools, timeouts, pgBouncer, meters, zookeeper);
  }

  /** These options with pools of another size. */
  public RouterOptions withPools(PoolProfile changed) {
    return new RouterOptions(credentials, changed, timeouts, pgBouncer, meters, zookeeper);
  }

  /** These options with other bounds of waiting. */
  public RouterOptions withTimeouts(Timeouts changed) {
    return new RouterOptions(credentials, pools, changed, pgBouncer, meters, zookeeper);
  }

  /** These options for endpoints that are proxies, or are not. */
  public RouterOptions withPgBouncer(boolean changed) {
    return new RouterOptions(credentials, pools, timeouts, changed, meters, zookeeper);
  }

  /** These options with metrics. */
  public RouterOptions withMeters(MeterRegistry changed) {
    return new RouterOptions(
        credentials, pools, timeouts, pgBouncer, Optional.of(changed), zookeeper);
  }

  /** These options with other ways to speak to ZooKeeper. */
  public RouterOptions withZooKeeper(ZooKeeperOptions changed) {
    return new RouterOptions(credentials, pools, timeouts, pgBouncer, meters, changed);
  }
}
