package dev.shardwright.cli.daemon;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.daemon.alert.AlertLog;
import dev.shardwright.cli.daemon.alert.Alerts;
import dev.shardwright.cli.daemon.alert.ClusterFacts;
import dev.shardwright.cli.daemon.alert.RaisedAlert;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.time.Clock;
import java.util.List;

/** Looks at the cluster turn by turn and keeps what is wrong with it. Thread-safe. */
final class Watch {
  private final ZooKeeperCluster cluster;
  private final Rebalancer rebalancer;
  private final Sampler sampler;
  private final DaemonMeters meters;
  private final Clock clock;
  private final AlertLog log = new AlertLog();

  Watch(
      ZooKeeperCluster cluster,
      Rebalancer rebalancer,
      Sampler sampler,
      DaemonMeters meters,
      Clock clock) {
    this.cluster = cluster;
    this.rebalancer = rebalancer;
    this.sampler = sampler;
    this.meters = meters;
    this.clock = clock;
  }

  /** What is wrong, the worst first. */
  List<RaisedAlert> alerts() {
    return log.raised();
  }

  /** Looks once. */
  void look() {
    if (cluster.isConnected()) {
      lookAtCluster();
    } else {
      lost(ClusterApi.AWAY);
    }
    meters.show(log.raised(), sampler.newest().unreachable());
  }

  private void lookAtCluster() {
    try {
      ClusterFacts facts =
          new ClusterFacts(
              cluster.topologyStore().read().epoch(),
              cluster.routers(),
              rebalancer.kept(),
              cluster.election().leader().map(Leader::name));
      meters.seen(facts);
      log.update(Alerts.of(facts, sampler.newest(), clock.instant()), clock.instant());
    } catch (TopologyUnavailable e) {
      lost(String.valueOf(e.getMessage()));
    }
  }

  private void lost(String reason) {
    meters.zooKeeperLost();
    log.update(Alerts.withoutZooKeeper(reason, sampler.newest()), clock.instant());
  }
}
