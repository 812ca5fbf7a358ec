package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Decides how much each shard should have: its share by weight, unless it must have more. */
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
   * The shares, except of shards that must have more than theirs: for what is fixed there, or for a
   * piece that cannot be cut and is above every share. Such a piece fills a shard by itself: its
   * owner, or the largest if that one is to be empty. The others share what remains.
   *
   * @param fixed what shards have beside the pieces
   */
  static SortedMap<ShardId, Double> of(
      Map<ShardId, Integer> weights,
      double total,
      Collection<Piece> pieces,
      Map<ShardId, Double> fixed) {
    Map<ShardId, Integer> sharing = new TreeMap<>(weights);
    SortedMap<ShardId, Double> targets = shares(sharing, total);
    double left = total;
    SortedMap<ShardId, Double> filled = new TreeMap<>();
    Queue<Piece> largest = new PriorityQueue<>(Piece.LARGEST_FIRST);
    pieces.stream().filter(piece -> !piece.divisible()).forEach(largest::add);
    while (sharing.size() > 1) {
      double piece = 0;
      ShardId shard = overfull(targets, fixed);
      if (shard == null) {
        Piece next = largest.poll();
        if (next == null || next.amount() <= Collections.max(targets.values())) {
          break;
        }
        piece = next.amount();
        shard = sharing.containsKey(next.owner()) ? next.owner() : heaviest(sharing);
      }
      double amount = piece + fixed.getOrDefault(shard, 0.0);
      filled.put(shard, amount);
      sharing.remove(shard);
      left -= amount;
      targets = shares(sharing, left);
    }
    targets.putAll(filled);
    return targets;
  }

  /** A shard that has more than its target fixed, if there is one. */
  private static @Nullable ShardId overfull(
      Map<ShardId, Double> targets, Map<ShardId, Double> fixed) {
    return fixed.entrySet().stream()
        .filter(entry -> entry.getValue() > targets.getOrDefault(entry.getKey(), entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
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
