package dev.shardwright.admin;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Lays out the rings of a keyspace anew, by the weights of the shards that are active now. */
final class Layout {
  private Layout() {}

  /** A keyspace that is to be, without tables. */
  static KeyspaceTopology keyspace(Topology topology, NewKeyspace wanted) {
    Set<Region> regions = wanted.regions().isEmpty() ? Set.of(Region.ALL) : wanted.regions();
    SortedMap<Region, Placement> rings = new TreeMap<>();
    regions.forEach(region -> rings.put(region, Placement.of(ring(topology, wanted, region))));
    return new KeyspaceTopology(
        wanted.name(),
        wanted.strategy(),
        wanted.keyType(),
        wanted.virtualNodes(),
        wanted.regions(),
        new TreeMap<>(),
        rings);
  }

  /** The rings of a keyspace that is to be. */
  static Ring ring(Topology topology, NewKeyspace keyspace, Region region) {
    return switch (keyspace.strategy()) {
      case HASH -> PlacementByTokens.layOut(weights(topology, region), keyspace.virtualNodes());
      case RANGE -> PlacementByTokens.splitAt(splitTokens(keyspace), weights(topology, region));
      case SINGLE -> RangeRing.ownedBy(home(topology, keyspace));
    };
  }

  /** The ring that a keyspace would get if it were new: a RANGE ring keeps its split points. */
  static Ring again(Topology topology, KeyspaceTopology keyspace, Region region) {
    Ring ring = keyspace.placement(region).ring();
    return switch (keyspace.strategy()) {
      case HASH -> PlacementByTokens.layOut(weights(topology, region), keyspace.virtualNodes());
      case RANGE -> PlacementByTokens.splitAt(splitTokens(ring), weights(topology, region));
      case SINGLE -> ring;
    };
  }

  private static Map<ShardId, Integer> weights(Topology topology, Region region) {
    Map<ShardId, Integer> weights = new TreeMap<>();
    for (Shard shard : topology.shards().values()) {
      boolean inRegion = region.equals(Region.ALL) || shard.region().equals(region);
      if (inRegion && shard.state() == ShardState.ACTIVE) {
        weights.put(shard.id(), shard.weight());
      }
    }
    if (weights.isEmpty()) {
      throw new ChangeRefused(
          region.equals(Region.ALL)
              ? "no shard is active: add one first"
              : "no shard of region %s is active: add one first".formatted(region));
    }
    return weights;
  }

  private static List<Long> splitTokens(NewKeyspace keyspace) {
    KeyType keyType =
        keyspace
            .keyType()
            .orElseThrow(
                () -> new ChangeRefused("keyspace " + keyspace.name() + " needs a key type"));
    TokenFunction tokens = TokenFunctions.of(Strategy.RANGE, Optional.of(keyType));
    List<String> keys = keyspace.splitKeys();
    List<Long> points = keys.stream().map(key -> tokens.tokenOf(tokens.parse(key))).toList();
    for (int i = 1; i < points.size(); i++) {
      checkArgument(
          points.get(i) > points.get(i - 1),
          "split keys of keyspace %s must ascend: %s comes after %s",
          keyspace.name(),
          keys.get(i),
          keys.get(i - 1));
    }
    return points;
  }

  private static List<Long> splitTokens(Ring ring) {
    List<Long> points = new ArrayList<>();
    for (int i = 1; i < ring.size(); i++) {
      points.add(ring.virtualNode(i).range().first());
    }
    return points;
  }

  private static ShardId home(Topology topology, NewKeyspace keyspace) {
    ShardId home =
        keyspace
            .home()
            .orElseThrow(
                () ->
                    new ChangeRefused(
                        "keyspace " + keyspace.name() + " of strategy SINGLE needs a home shard"));
    return Lookup.shard(topology, home).id();
  }
}
