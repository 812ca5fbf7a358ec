package dev.shardwright.router.internal.moves;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.ShardRoute;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Shards s1 and s2, and the keyspace shop, whose lower half moves from s1 to s2. No servers. */
public final class MovingTopology {
  public static final RangeMove MOVE =
      RangeMove.of(
          1,
          "shop",
          Region.ALL,
          ShardId.of("s1"),
          ShardId.of("s2"),
          KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, -1)),
          1);

  public static final Topology AT_REST =
      topology(List.of(new VirtualNode(KeyRange.ALL, ShardId.of("s1"))));

  private MovingTopology() {}

  /** A thousand virtual nodes, all with s1. */
  public static Topology ofManyVirtualNodes() {
    List<VirtualNode> nodes = new ArrayList<>();
    long width = 1L << 54;
    for (long first = Long.MIN_VALUE; nodes.size() < 1_024; first += width) {
      nodes.add(new VirtualNode(new KeyRange(first, first + width - 1), ShardId.of("s1")));
    }
    return topology(nodes);
  }

  private static Topology topology(List<VirtualNode> nodes) {
    KeyspaceTopology shop =
        new KeyspaceTopology(
            "shop",
            Strategy.HASH,
            Optional.of(KeyType.BIGINT),
            1,
            new TreeSet<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of(Region.ALL, Placement.of(HashRing.of(nodes)))));
    return Topology.INITIAL.withShard(shard("s1")).withShard(shard("s2")).withKeyspace(shop);
  }

  /** A follower of which only the snapshots count: it has no way to any shard. */
  public static TopologyFollower follower(Topology first) {
    return new TopologyFollower(first, MovingTopology::routing);
  }

  @SuppressWarnings("NullAway") // nothing is ever sent
  public static Routing routing(Topology topology) {
    return new Routing(topology, (keyspace, shard) -> new ShardRoute(shard.id(), null, null));
  }

  private static Shard shard(String id) {
    return Shard.of(ShardId.of(id), new Endpoint("jdbc:postgresql://localhost:1/" + id, "nobody"));
  }
}
