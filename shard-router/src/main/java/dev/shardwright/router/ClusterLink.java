package dev.shardwright.router;

import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.RouterDescription;
import dev.shardwright.topology.zookeeper.RouterLoads;
import dev.shardwright.topology.zookeeper.RouterMembership;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A router's link to its cluster: first it is a member, then it reads the topology. Thread-safe.
 */
final class ClusterLink implements AutoCloseable {
  private final ZooKeeperCluster cluster;
  private final RouterMembership membership;

  private ClusterLink(ZooKeeperCluster cluster, RouterMembership membership) {
    this.cluster = cluster;
    this.membership = membership;
  }

  /**
   * Connects and registers the router.
   *
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time
   */
  static ClusterLink open(String zookeeper, String name, RouterOptions options) {
    ZooKeeperCluster cluster = ZooKeeperCluster.connect(zookeeper, name, options.zookeeper());
    try {
      return new ClusterLink(cluster, cluster.join(description(options.pgBouncer())));
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  TopologyStore store() {
    return cluster.topologyStore();
  }

  MoveAcknowledgements acknowledgements() {
    return cluster.acknowledgements();
  }

  RouterLoads loads() {
    return cluster.loads();
  }

  RouterMembership membership() {
    return membership;
  }

  /** Leaves the cluster. Safe to call twice. */
  @Override
  public void close() {
    membership.close();
    cluster.close();
  }

  private static RouterDescription description(boolean sharesSessions) {
    String version =
        Optional.ofNullable(ShardRouter.class.getPackage().getImplementationVersion())
            .orElse("unreleased");
    return new RouterDescription(host(), ProcessHandle.current().pid(), version, sharesSessions);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The machine's name does not resolve; it only serves operators.
      return "unknown";
    }
  }
}
