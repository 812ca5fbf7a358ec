package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Decides how much each shard should have: its share by weight, unless a piece is larger. */
final class Targets {
  private Targets() {}

  /** The weights of the shards that are to have a share of that region's rings. */
  static SortedMap<ShardId, Integer> weights(Topology topology, Region region) {
    SortedMap<ShardId, Integer> weights = new TreeMap<>();
    for (Shard shard : topology.shards().values()) {
      boolean there = region.equals(Region.ALL) || shard.region().equals(region);
      if (there && shard.state() == ShardState.ACTIVE) {
        weights.put(shard.id(), shard.weight());
      }
    }
    return weights;
  }

  /** The shares by weight of the total; shards without weight have none. */
  static SortedMap<ShardId, Double> shares(Map<ShardId, Integer> weights, double total) {
    double sum = weights.values().stream().mapToInt(Integer::intValue).sum();
    SortedMap<ShardId, Double> shares = new TreeMap<>();
    weights.forEach((shard, weight) -> shares.put(shard, total * weight / sum));
    return shares;
  }

  /**
   * The shares, where each piece that cannot be cut and is above every share fills a shard by
   * itself: its owner, or the largest if that one is to be empty. The others share what remains.
   */
  static SortedMap<ShardId, Double> of(
      Map<ShardId, Integer> weights, double total, Collection<Piece> pieces) {
    Map<ShardId, Integer> sharing = new TreeMap<>(weights);
    SortedMap<ShardId, Double> targets = shares(sharing, total);
    double left = total;
    SortedMap<ShardId, Double> filled = new TreeMap<>();
    List<Piece> largest =
        pieces.stream().filter(piece -> !piece.divisible()).sorted(Piece.LARGEST_FIRST).toList();
    for (Piece piece : largest) {
      double most = targets.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
      if (sharing.size() <= 1 || piece.amount() <= most) {
        break;
      }
      ShardId shard = sharing.containsKey(piece.owner()) ? piece.owner() : heaviest(sharing);
      filled.put(shard, piece.amount());
      sharing.remove(shard);
      left -= piece.amount();
      targets = shares(sharing, left);
    }
    targets.putAll(filled);
    return targets;
  }

  private static ShardId heaviest(Map<ShardId, Integer> weights) {
    return weights.entrySet().stream()
        .min(
            Comparator.comparing((Map.Entry<ShardId, Integer> entry) -> -entry.getValue())
                .thenComparing(Map.Entry::getKey))
        .orElseThrow()
        .getKey();
  }
}
