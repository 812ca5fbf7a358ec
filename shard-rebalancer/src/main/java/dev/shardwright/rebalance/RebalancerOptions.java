package dev.shardwright.rebalance;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;

/**
 * How a rebalancer works. Start from {@link #DEFAULTS}.
 *
 * @param credentials where user names and passwords come from; rows are moved as the admin role
 * @param planning how plans are cut into moves
 * @param zookeeper how to speak to ZooKeeper
 */
public record RebalancerOptions(
    CredentialsProvider credentials, PlanOptions planning, ZooKeeperOptions zookeeper) {
  /** Secrets come from {@link EnvironmentCredentials}. */
  public static final RebalancerOptions DEFAULTS =
      new RebalancerOptions(
          new EnvironmentCredentials(), PlanOptions.DEFAULTS, ZooKeeperOptions.DEFAULTS);

  /** These options with another source of user names and passwords. */
  public RebalancerOptions withCredentials(CredentialsProvider changed) {
    return new RebalancerOptions(changed, planning, zookeeper);
  }

  /** These options with other plans. */
  public RebalancerOptions withPlanning(PlanOptions changed) {
    return new RebalancerOptions(credentials, changed, zookeeper);
  }
}
