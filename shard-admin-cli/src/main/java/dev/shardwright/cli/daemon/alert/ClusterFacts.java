package dev.shardwright.cli.daemon.alert;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What ZooKeeper says of a cluster.
 *
 * @param epoch of the topology in force
 * @param routers those that are registered
 * @param migrations those that are kept and can be read
 * @param illegible the numbers of the others, and why they cannot be
 * @param leader who carries migrations out, if somebody does
 */
public record ClusterFacts(
    Epoch epoch,
    List<RegisteredRouter> routers,
    List<MigrationStatus> migrations,
    SortedMap<Integer, String> illegible,
    Optional<String> leader) {
  /** Keeps copies. */
  public ClusterFacts {
    routers = List.copyOf(routers);
    migrations = List.copyOf(migrations);
    illegible = new TreeMap<>(illegible);
  }
}
