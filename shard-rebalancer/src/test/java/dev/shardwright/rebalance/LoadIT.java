package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shardwright.internal.codec.LoadCodec;
import dev.shardwright.internal.codec.LoadReport;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Reports are written as routers write them; a router itself would take its time. */
class LoadIT {
  @Test
  void aPlanByLoadMovesWhatRoutersReportAsBusy() throws Exception {
    try (LiveCluster cluster = new LiveCluster(1_000);
        ZooKeeperCluster routers = ZooKeeperCluster.connect(cluster.zooKeeper, "live");
        Rebalancer rebalancer = cluster.rebalancer()) {
      assertThat(rebalancer.skew())
          .extracting(Skew::goal)
          .containsExactly(Goal.TOKENS, Goal.ROWS, Goal.BYTES);
      Ring ring = cluster.topology().keyspace("bank").orElseThrow().placement(Region.ALL).ring();
      KeyRange busy = ring.virtualNode(7).range();
      routers.loads().report(1, report(Duration.ofSeconds(30), Map.of(busy, 4_000L), 4_300));
      routers.loads().report(2, report(Duration.ofSeconds(60), Map.of(busy, 2_000L), 2_600));

      Skew load = skew(rebalancer, Goal.LOAD);
      assertThat(load.maxOverAverage()).isCloseTo(2, within(0.001));
      assertThat(load.fullestNodes().get(0).node()).isEqualTo(ring.virtualNode(7));
      assertThat(load.fullestNodes().get(0).amount()).isBetween(9_999.0, 10_001.0);
      assertThat(Objects.requireNonNull(load.shards().get(ShardId.of("s-1"))).amount())
          .isBetween(11_100.0, 11_300.0);

      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.LOAD));
      assertThat(plan.rings().get(0).skewAfter()).isLessThan(1.05);
      assertThat(plan.moves()).hasSize(1);
      assertThat(plan.volume().load()).isBetween(5_500L, 5_700L);
      assertThat(plan.rings().get(0).unbalanced()).isEmpty();
    }
  }

  private static Skew skew(Rebalancer rebalancer, Goal goal) {
    return rebalancer.skew().stream().filter(skew -> skew.goal() == goal).findFirst().orElseThrow();
  }

  private static byte[] report(Duration period, Map<KeyRange, Long> busiest, long total) {
    SortedMap<KeyRange, Long> sorted = new TreeMap<>(busiest);
    return LoadCodec.encode(
        new LoadReport(period, List.of(new RingLoad("bank", Region.ALL, total, sorted))));
  }
}
