package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.topology.Topology;
import java.util.List;

/**
 * What is where in a cluster.
 *
 * @param topology as of which it was measured
 * @param rings those that were sampled, in the order of their names
 */
public record ClusterContent(Topology topology, List<RingContent> rings) {
  public ClusterContent {
    rings = List.copyOf(rings);
  }

  /** Whether all rings were sampled. */
  public boolean isWhole() {
    int all =
        topology.keyspaces().values().stream()
            .mapToInt(keyspace -> keyspace.placements().size())
            .sum();
    return rings.size() == all;
  }
}
