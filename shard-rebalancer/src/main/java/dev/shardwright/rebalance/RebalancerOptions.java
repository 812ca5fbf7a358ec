package dev.shardwright.rebalance;

import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.rebalance.plan.PlanOptions;
import dev.shardwright.rebalance.watch.MigrationListener;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/**
 * How a rebalancer works. Start from {@link #DEFAULTS}.
 *
 * @param credentials where user names and passwords come from; rows are moved as the admin role
 * @param planning how plans are cut into moves
 * @param meters where metrics go; empty for nowhere
 * @param listener told what happens to the migrations that this process carries out; empty for
 *     nobody
 * @param zookeeper how to speak to ZooKeeper
 */
public record RebalancerOptions(
    CredentialsProvider credentials,
    PlanOptions planning,
    Optional<MeterRegistry> meters,
    Optional<MigrationListener> listener,
    ZooKeeperOptions zookeeper) {
  /** Secrets come from {@link EnvironmentCredentials}. */
  public static final RebalancerOptions DEFAULTS =
      new RebalancerOptions(
          new EnvironmentCredentials(),
          PlanOptions.DEFAULTS,
          Optional.empty(),
          Optional.empty(),
          ZooKeeperOptions.DEFAULTS);

  /** These options with another source of user names and passwords. */
  public RebalancerOptions withCredentials(CredentialsProvider changed) {
    return new RebalancerOptions(changed, planning, meters, listener, zookeeper);
  }

  /** These options with other plans. */
  public RebalancerOptions withPlanning(PlanOptions changed) {
    return new RebalancerOptions(credentials, changed, meters, listener, zookeeper);
  }

  /** These options with metrics. */
  public RebalancerOptions withMeters(MeterRegistry changed) {
    return new RebalancerOptions(credentials, planning, Optional.of(changed), listener, zookeeper);
  }

  /** These options with somebody who is told what happens. */
  public RebalancerOptions withListener(MigrationListener changed) {
    return new RebalancerOptions(credentials, planning, meters, Optional.of(changed), zookeeper);
  }

  /** These options with other ways to speak to ZooKeeper. */
  public RebalancerOptions withZooKeeper(ZooKeeperOptions changed) {
    return new RebalancerOptions(credentials, planning, meters, listener, changed);
  }
}
