package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Topologies and contents to plan with. */
final class TestRings {
  static final RingId SHOP = new RingId("shop", Region.ALL);

  private TestRings() {}

  static ShardId id(int number) {
    return ShardId.of("s" + number);
  }

  static SortedMap<ShardId, Integer> weights(int shards) {
    SortedMap<ShardId, Integer> weights = new TreeMap<>();
    IntStream.range(0, shards).forEach(i -> weights.put(id(i), 100));
    return weights;
  }

  /** Shards of these weights, and one keyspace with that placement. */
  static Topology topology(Map<ShardId, Integer> weights, Strategy strategy, Placement placement) {
    Topology topology = Topology.INITIAL;
    for (Map.Entry<ShardId, Integer> shard : weights.entrySet()) {
      topology = topology.withShard(shard(shard.getKey()).withWeight(shard.getValue()));
    }
    return topology.withKeyspace(keyspace(strategy, new TreeMap<>(Map.of(Region.ALL, placement))));
  }

  static Topology hashed(Map<ShardId, Integer> weights, Placement placement) {
    return topology(weights, Strategy.HASH, placement);
  }

  static Topology draining(Topology topology, ShardId shard) {
    Shard found = topology.shard(shard).orElseThrow();
    return topology.withShard(found.withState(ShardState.DRAINING));
  }

  static KeyspaceTopology keyspace(Strategy strategy, SortedMap<Region, Placement> placements) {
    TreeSet<Region> regions = new TreeSet<>(placements.keySet());
    regions.remove(Region.ALL);
    return new KeyspaceTopology(
        "shop",
        strategy,
        strategy == Strategy.SINGLE ? Optional.empty() : Optional.of(KeyType.BIGINT),
        64,
        regions,
        new TreeMap<>(),
        placements);
  }

  static Shard shard(ShardId id) {
    return Shard.of(id, new Endpoint("jdbc:postgresql://" + id + ".example/app", "app"));
  }

  /** Volumes between nothing and twice the average in each virtual node; some keys beside. */
  static RingContent random(Placement placement, Random random, List<HeavyKey> keys) {
    List<Volume> volumes = new ArrayList<>();
    for (int i = 0; i < placement.ring().size(); i++) {
      long rows = random.nextInt(100_000);
      volumes.add(new Volume(rows, rows * (50 + random.nextInt(100)), random.nextInt(10_000)));
    }
    for (HeavyKey key : keys) {
      int node = placement.ring().indexOf(key.token());
      volumes.set(node, volumes.get(node).plus(key.volume()));
    }
    return new RingContent(SHOP, placement, volumes, new TreeMap<>(), keys);
  }

  /** The same in each virtual node. */
  static RingContent even(Placement placement, Volume volume) {
    List<Volume> volumes =
        IntStream.range(0, placement.ring().size()).mapToObj(i -> volume).toList();
    return new RingContent(SHOP, placement, volumes, new TreeMap<>(), List.of());
  }

  /** A token on the ring that is on the grid. */
  static long gridToken(Random random) {
    return random.nextLong() & -(1L << HashRing.GRID_BITS);
  }
}
