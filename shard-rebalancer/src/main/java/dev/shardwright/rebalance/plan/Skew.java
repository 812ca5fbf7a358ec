package dev.shardwright.rebalance.plan;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How uneven one ring is in one respect: max over average.
 *
 * @param ring which ring
 * @param goal in which respect
 * @param shards what each shard has and should have
 * @param virtualNodes the fullest virtual node over the average one
 * @param fullestNodes the virtual nodes that have most, at most {@value #MOST_NAMED}; the fullest
 *     first
 * @param largestKeys the keys that have most, as far as keys are known, at most {@value
 *     #MOST_NAMED}; the largest first
 * @param heavyKeys keys that alone have more than the share of some shard, which no ring can even
 *     out, and that are not pinned; in the order of tokens
 */
public record Skew(
    RingId ring,
    Goal goal,
    SortedMap<ShardId, Part> shards,
    double virtualNodes,
    List<Node> fullestNodes,
    List<HeavyKey> largestKeys,
    List<HeavyKey> heavyKeys) {
  /** How many virtual nodes and keys are named. */
  public static final int MOST_NAMED = 10;

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

  /**
   * What one virtual node has.
   *
   * @param node which one, and whose it is
   * @param amount rows, bytes, statements or tokens; tokens as a part of 1
   */
  public record Node(VirtualNode node, double amount) {}

  /** Copies the collections. */
  public Skew {
    shards = ImmutableSortedMap.copyOf(shards);
    fullestNodes = List.copyOf(fullestNodes);
    largestKeys = List.copyOf(largestKeys);
    heavyKeys = List.copyOf(heavyKeys);
  }

  /**
   * The skew of a ring by tokens, and by each other goal of which anything was measured. None of a
   * keyspace that is not sharded: all of it is on one shard, as it should be.
   */
  public static List<Skew> allOf(Topology topology, RingContent content) {
    Strategy strategy = topology.keyspace(content.id().keyspace()).orElseThrow().strategy();
    if (strategy == Strategy.SINGLE) {
      return List.of();
    }
    Map<ShardId, Integer> weights = Targets.weights(topology, content.id().region());
    Volume total = content.total();
    return Stream.of(Goal.values())
        .filter(goal -> goal == Goal.TOKENS || goal.of(total) > 0)
        .map(goal -> of(content, goal, weights))
        .toList();
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
    List<HeavyKey> keys = keys(content);
    List<HeavyKey> heavy =
        keys.stream().filter(key -> !key.pinned() && goal.of(key.volume()) > least).toList();
    List<Node> nodes = nodes(content, measure);
    return new Skew(
        content.id(), goal, parts, evenness(nodes), fullest(nodes), largest(keys, goal), heavy);
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

  /** Named by the samples or by a pin; in the order of tokens. */
  private static List<HeavyKey> keys(RingContent content) {
    SortedMap<Long, HeavyKey> keys = new TreeMap<>();
    for (HeavyKey key : content.heavyKeys()) {
      keys.put(key.token(), key);
    }
    for (Pin pin : content.placement().pins().all()) {
      keys.put(pin.token(), new HeavyKey(pin.key(), pin.token(), content.of(pin), true));
    }
    return List.copyOf(keys.values());
  }

  private static List<HeavyKey> largest(List<HeavyKey> keys, Goal goal) {
    return keys.stream()
        .filter(key -> goal.of(key.volume()) > 0)
        .sorted(Comparator.comparingLong((HeavyKey key) -> goal.of(key.volume())).reversed())
        .limit(MOST_NAMED)
        .toList();
  }

  private static List<Node> nodes(RingContent content, Measure measure) {
    return content.placement().ring().virtualNodes().stream()
        .map(node -> new Node(node, measure.of(node.range())))
        .toList();
  }

  private static List<Node> fullest(List<Node> nodes) {
    return nodes.stream()
        .sorted(Comparator.comparingDouble(Node::amount).reversed())
        .limit(MOST_NAMED)
        .toList();
  }

  /** The fullest over the average. */
  private static double evenness(List<Node> nodes) {
    DoubleSummaryStatistics amounts = nodes.stream().mapToDouble(Node::amount).summaryStatistics();
    return amounts.getMax() / amounts.getAverage();
  }
}
