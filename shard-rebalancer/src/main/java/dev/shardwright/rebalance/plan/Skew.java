package dev.shardwright.rebalance.plan;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How uneven one ring is in one respect: max over average.
 *
 * @param ring which ring
 * @param goal in which respect
 * @param shards what each shard has and should have
 * @param virtualNodes the fullest virtual node over the average one
 * @param heavyKeys keys that alone have more than the share of some shard, which no ring can even
 *     out; in the order of tokens
 */
public record Skew(
    RingId ring,
    Goal goal,
    SortedMap<ShardId, Part> shards,
    double virtualNodes,
    List<HeavyKey> heavyKeys) {

  /**
   * What one shard has of the ring.
   *
   * @param amount rows, bytes, statements or tokens; tokens as a part of 1
   * @param share what it should have of that by its weight; 0 for one that is to be empty
   */
  public record Part(double amount, double share) {
    /** What it has over what it should have; 1 is even. */
    public double fullness() {
      return share == 0 ? (amount == 0 ? 1 : Double.POSITIVE_INFINITY) : amount / share;
    }
  }

  /** Copies the collections. */
  public Skew {
    shards = ImmutableSortedMap.copyOf(shards);
    heavyKeys = List.copyOf(heavyKeys);
  }

  /**
   * The skew of a ring.
   *
   * @param weights of the shards that are to have a share of it
   */
  public static Skew of(RingContent content, Goal goal, Map<ShardId, Integer> weights) {
    Measure measure = new Measure(content, goal);
    SortedMap<ShardId, Double> amounts = measure.byShard();
    double total = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
    SortedMap<ShardId, Double> shares = Targets.shares(weights, total);
    SortedMap<ShardId, Part> parts = new TreeMap<>();
    amounts.forEach(
        (shard, amount) -> parts.put(shard, new Part(amount, shares.getOrDefault(shard, 0.0))));
    shares.forEach((shard, share) -> parts.putIfAbsent(shard, new Part(0, share)));
    double least = shares.values().stream().mapToDouble(Double::doubleValue).min().orElse(0);
    List<HeavyKey> heavy =
        content.heavyKeys().stream().filter(key -> goal.of(key.volume()) > least).toList();
    return new Skew(content.id(), goal, parts, ofVirtualNodes(content, measure), heavy);
  }

  /** The fullest shard over its share; 1 is even. Shards that are to be empty do not count. */
  public double maxOverAverage() {
    return shards.values().stream()
        .filter(part -> part.share() > 0)
        .mapToDouble(Part::fullness)
        .max()
        .orElse(1);
  }

  /** One line for the ring and one for each heavy key. */
  public String describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %s max/avg %.3f over %d shards, %.1f over virtual nodes",
            ring,
            goal.word(),
            maxOverAverage(),
            shards.size(),
            virtualNodes));
    heavyKeys.forEach(
        key ->
            lines.add(
                "  key '%s' (token %s) alone has %s %s"
                    .formatted(key.key(), key.token(), goal.of(key.volume()), goal.word())));
    return String.join("\n", lines);
  }

  private static double ofVirtualNodes(RingContent content, Measure measure) {
    Ring ring = content.placement().ring();
    double max = 0;
    double sum = 0;
    for (int i = 0; i < ring.size(); i++) {
      double amount = measure.of(ring.virtualNode(i).range());
      max = Math.max(max, amount);
      sum += amount;
    }
    return max * ring.size() / sum;
  }
}
