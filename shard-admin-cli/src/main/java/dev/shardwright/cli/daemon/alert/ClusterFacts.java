package dev.shardwright.cli.daemon.alert;

import dev.shardwright.rebalance.KeptMigrations;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import java.util.List;
import java.util.Optional;

/**
 * What ZooKeeper says of a cluster.
 *
 * @param epoch of the topology in force
 * @param routers those that are registered
 * @param kept the migrations
 * @param leader who carries migrations out, if somebody does
 */
public record ClusterFacts(
    Epoch epoch, List<RegisteredRouter> routers, KeptMigrations kept, Optional<String> leader) {
  /** Keeps a copy. */
  public ClusterFacts {
    routers = List.copyOf(routers);
  }
}
