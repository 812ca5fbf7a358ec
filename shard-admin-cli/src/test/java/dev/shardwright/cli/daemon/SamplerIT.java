package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.ClusterAdminOptions;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.InMemoryTopologyStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class SamplerIT {
  @Test
  void whatNobodyExpectedIsToldAsASampleThatFailed() {
    RebalancerOptions options = RebalancerOptions.DEFAULTS;
    String zooKeeper = ZooKeeperServer.shared().freshConnectString();
    Rebalancer rebalancer = Rebalancer.connect(zooKeeper, "prod", options);
    rebalancer.close();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    DaemonMeters meters =
        new DaemonMeters(registry, "prod", "daemon", () -> true, Clock.systemUTC());
    try (ClusterAdmin admin =
        new ClusterAdmin(
            new InMemoryTopologyStore(),
            "prod",
            options.credentials(),
            ClusterAdminOptions.DEFAULTS)) {
      Sampler sampler = new Sampler(rebalancer, admin, meters, Clock.systemUTC());
      assertThatThrownBy(sampler::sample).isInstanceOf(IllegalStateException.class);
      assertThat(sampler.newest().failure()).isNotEmpty();
      assertThat(registry.get("shardwright.sample.failed").counter().count()).isEqualTo(1);
    }
  }
}
