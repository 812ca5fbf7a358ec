package dev.shardwright.rebalance;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/**
 * How a rebalancer works. Start from {@link #DEFAULTS}.
 *
 * @param credentials where user names and passwords come from; rows are moved as the admin role
 * @param planning how plans are cut into moves
 * @param meters where metrics go; empty for nowhere
 * @param zookeeper how to speak to ZooKeeper
 */
public record RebalancerOptions(
    CredentialsProvider credentials,
    PlanOptions planning,
    Optional<MeterRegistry> meters,
    ZooKeeperOptions zookeeper) {
  /** Secrets come from {@link EnvironmentCredentials}. */
  public static final RebalancerOptions DEFAULTS =
      new RebalancerOptions(
          new EnvironmentCredentials(),
          PlanOptions.DEFAULTS,
          Optional.empty(),
          ZooKeeperOptions.DEFAULTS);

  /** These options with another source of user names and passwords. */
  public RebalancerOptions withCredentials(CredentialsProvider changed) {
    return new RebalancerOptions(changed, planning, meters, zookeeper);
  }

  /** These options with other plans. */
  public RebalancerOptions withPlanning(PlanOptions changed) {
    return new RebalancerOptions(credentials, changed, meters, zookeeper);
  }

  /** These options with metrics. */
  public RebalancerOptions withMeters(MeterRegistry changed) {
    return new RebalancerOptions(credentials, planning, Optional.of(changed), zookeeper);
  }

  /** These options with other ways to speak to ZooKeeper. */
  public RebalancerOptions withZooKeeper(ZooKeeperOptions changed) {
    return new RebalancerOptions(credentials, planning, meters, changed);
  }
}
