package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.VirtualNodeLoads;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Samples the rings of a cluster, and adds the load that its routers report. Thread-safe. */
public final class ClusterSampler {
  private final ZooKeeperCluster cluster;
  private final RingSampler rings;

  public ClusterSampler(ZooKeeperCluster cluster, RingSampler rings) {
    this.cluster = cluster;
    this.rings = rings;
  }

  /**
   * What is where now, on all rings.
   *
   * @throws SamplingFailed if a shard is out of reach, a statement takes too long or fails
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper gives no answer in time
   */
  public ClusterContent sample() {
    return sample(ring -> true);
  }

  /**
   * The same on these rings only: what cannot be sampled elsewhere does no harm.
   *
   * @throws SamplingFailed if a shard is out of reach, a statement takes too long or fails
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper gives no answer in time
   */
  public ClusterContent sample(Predicate<RingId> wanted) {
    Topology topology = cluster.topologyStore().read();
    Map<RingId, VirtualNodeLoads> loads = ReportedLoads.of(cluster.loads().all());
    List<RingContent> contents = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Region region : keyspace.placements().keySet()) {
        RingId ring = new RingId(keyspace.name(), region);
        if (wanted.test(ring)) {
          RingContent content = rings.sample(topology, ring);
          VirtualNodeLoads load = loads.get(ring);
          contents.add(load == null ? content : content.withLoad(load));
        }
      }
    }
    return new ClusterContent(topology, contents);
  }
}
