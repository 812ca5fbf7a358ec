package dev.shardwright.cli.daemon;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.daemon.web.Api;
import dev.shardwright.cli.daemon.web.Health;
import dev.shardwright.cli.daemon.web.RefusedRequest;
import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.setup.StatusAnswer;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.Optional;

/** Answers from what ZooKeeper says now. Thread-safe. */
final class ClusterApi implements Api {
  private static final String AWAY =
      "ZooKeeper is out of reach: look at its servers and the network; this daemon goes on by itself"
          + " once it is back";

  private final String name;
  private final String candidate;
  private final ZooKeeperCluster cluster;

  /**
   * @param name the cluster's
   * @param candidate under which this daemon stands for election
   */
  ClusterApi(String name, String candidate, ZooKeeperCluster cluster) {
    this.name = name;
    this.candidate = candidate;
    this.cluster = cluster;
  }

  @Override
  public Health health() {
    if (!cluster.isConnected()) {
      return new Health(false, false, Optional.empty(), AWAY);
    }
    try {
      Optional<String> leader = cluster.election().leader().map(Leader::name);
      return new Health(true, leader.filter(candidate::equals).isPresent(), leader, "");
    } catch (TopologyUnavailable e) {
      return new Health(false, false, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Answer status() {
    return StatusAnswer.of(name, reachable());
  }

  /** Without it, each request would wait for ZooKeeper as long as it may, and hold a thread. */
  private ZooKeeperCluster reachable() {
    if (!cluster.isConnected()) {
      throw new RefusedRequest(503, AWAY);
    }
    return cluster;
  }
}
