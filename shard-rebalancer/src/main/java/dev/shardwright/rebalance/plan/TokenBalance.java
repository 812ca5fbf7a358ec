package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.RingDifference;
import dev.shardwright.ring.ShardId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Balances a HASH ring by tokens: exactly what must move does. */
final class TokenBalance {
  /**
   * A shard so near its share stays as it is. Among many shards a change leaves some by up to eight
   * thousandths off theirs; to mend that would be hundreds of moves for nothing.
   */
  private static final double NEAR = 0.01;

  private TokenBalance() {}

  /** What must move for each shard to have its share; pins are not looked at. */
  static List<RangeTransfer> of(HashRing ring, Map<ShardId, Integer> weights, int virtualNodes) {
    HashRing changed = ring;
    for (ShardId shard : ring.owners()) {
      if (!weights.containsKey(shard)) {
        changed = PlacementByTokens.remove(changed, shard, weights, virtualNodes);
      }
    }
    SortedSet<ShardId> there = changed.owners();
    for (ShardId shard : new TreeSet<>(weights.keySet())) {
      if (!there.contains(shard)) {
        changed = PlacementByTokens.add(changed, shard, weights, virtualNodes);
      }
    }
    for (int i = 0; i < weights.size(); i++) {
      Optional<ShardId> furthest = furthest(changed, weights);
      if (furthest.isEmpty()) {
        break;
      }
      changed = PlacementByTokens.reweigh(changed, furthest.orElseThrow(), weights, virtualNodes);
    }
    return RingDifference.between(ring, changed);
  }

  private static Optional<ShardId> furthest(HashRing ring, Map<ShardId, Integer> weights) {
    Map<ShardId, Double> shares = Targets.shares(weights, 0x1p64);
    Map<ShardId, Double> distances = new TreeMap<>();
    Map<ShardId, Double> has = new TreeMap<>();
    ring.virtualNodes()
        .forEach(node -> has.merge(node.owner(), Tokens.in(node.range()), Double::sum));
    shares.forEach(
        (shard, share) -> distances.put(shard, Math.abs(has.getOrDefault(shard, 0.0) / share - 1)));
    return distances.entrySet().stream()
        .filter(entry -> entry.getValue() > NEAR)
        .max(
            Comparator.comparing((Map.Entry<ShardId, Double> entry) -> entry.getValue())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey);
  }
}
