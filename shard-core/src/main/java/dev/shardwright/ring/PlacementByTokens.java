package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Divides tokens among shards by weight. Same arguments, same ring. Pure.
 *
 * <p>A HASH ring is divided in grid steps of 2^32 tokens; on a new one the share of each shard is
 * exact to less than one step. When one shard is added, removed or reweighed, exactly the tokens
 * move that it must get or lose, to less than a step, and never between two others. With up to 128
 * others, each of them gives or gets in exact proportion. With more, only part of them does, so
 * that a change is some dozens of range moves rather than a thousand slivers; none is then above
 * 1.008 of its share.
 *
 * <p>A ring has as many spans as virtual nodes times shards, or as it has runs (stretches of one
 * owner) where these are more. A change makes at most one run more for each shard that gives to the
 * changed one or takes from it, and taking a shard away one less than that. So a ring grown from
 * one shard to k has at most 1 + k (k - 1) / 2 runs: within 4 k max(virtual nodes, sqrt(k)) spans
 * up to 65 shards with any number of virtual nodes, up to 512 with 64. That much is proven, in
 * {@link Runs} and in decision 4, as is that no bound in the number of shards that are there now
 * can hold after others have left.
 *
 * <p>Seen: growing from 1 shard to 1,000 one by one adds no span at 64 virtual nodes, and reaches
 * 44 spans a shard at 1. A thousand random changes of up to 40 shards stay within 30 spans a shard
 * at 1, and add none at 64. Shards of one weight taken away one by one, from 1,000 down to any
 * number, leave at most 4 times 64 spans a shard.
 */
public final class PlacementByTokens {
  private PlacementByTokens() {}

  /**
   * A new HASH ring: equal spans, dealt out in turn.
   *
   * @param weights of all shards; only their ratios count
   * @param virtualNodes how many spans a shard of average weight gets
   * @throws IllegalArgumentException if there is no shard, or a weight or {@code virtualNodes} is
   *     not positive, or spans would be smaller than a grid step
   */
  public static HashRing layOut(Map<ShardId, Integer> weights, int virtualNodes) {
    checkVirtualNodes(virtualNodes);
    List<ShardId> shards = checked(weights);
    long[] parts = weightsOf(shards, weights);
    long[] steps = Shares.of(HashRing.GRID_STEPS, parts);
    long[] counts = Shares.of((long) virtualNodes * shards.size(), parts);
    List<Turn> turns = new ArrayList<>();
    for (int shard = 0; shard < counts.length; shard++) {
      long count = Math.max(1, counts[shard]);
      checkArgument(
          count <= steps[shard],
          "shard %s would get %s virtual nodes on %s grid steps: use fewer, or weights that differ"
              + " less",
          shards.get(shard),
          count,
          steps[shard]);
      for (long i = 0; i < count; i++) {
        turns.add(new Turn(shard, i, count));
      }
    }
    Collections.sort(turns);
    List<VirtualNode> nodes = new ArrayList<>(turns.size());
    long first = Long.MIN_VALUE;
    for (Turn turn : turns) {
      long last = first + (turn.partOf(steps[turn.shard]) << HashRing.GRID_BITS) - 1;
      nodes.add(new VirtualNode(new KeyRange(first, last), shards.get(turn.shard)));
      first = last + 1;
    }
    return HashRing.of(nodes);
  }

  /**
   * A new RANGE ring: split at the given tokens, neighbouring spans dealt out to shards in their
   * order. A shard of small weight gets none if there are too few spans.
   *
   * @param points the first token of each span but the first; ascending
   * @param weights of all shards; only their ratios count
   * @throws IllegalArgumentException if the points do not ascend or begin with the smallest token,
   *     there is no shard, or a weight is not positive
   */
  public static RangeRing splitAt(List<Long> points, Map<ShardId, Integer> weights) {
    List<ShardId> shards = checked(weights);
    long[] counts = Shares.of(points.size() + 1L, weightsOf(shards, weights));
    List<VirtualNode> nodes = new ArrayList<>();
    long first = Long.MIN_VALUE;
    for (int shard = 0; shard < counts.length; shard++) {
      for (long i = 0; i < counts[shard]; i++) {
        int next = nodes.size();
        boolean end = next == points.size();
        checkArgument(
            end || points.get(next) > first,
            "split points must ascend from above the smallest token: %s",
            points);
        long last = end ? Long.MAX_VALUE : points.get(next) - 1;
        nodes.add(new VirtualNode(new KeyRange(first, last), shards.get(shard)));
        first = last + 1;
      }
    }
    return RangeRing.of(nodes);
  }

  /**
   * The ring with one more shard, which takes its share from all others in proportion. Nothing
   * moves between these.
   *
   * @param weights of all shards, the new one among them
   * @param virtualNodes how many spans there should be at least, on average, for each shard
   * @throws IllegalArgumentException if the shard is on the ring already, or has no weight
   */
  public static HashRing add(
      HashRing ring, ShardId shard, Map<ShardId, Integer> weights, int virtualNodes) {
    checkArgument(!ring.owners().contains(shard), "shard %s is on the ring already", shard);
    checkArgument(weights.containsKey(shard), "shard %s has no weight", shard);
    return change(ring, shard, weights, virtualNodes);
  }

  /**
   * The ring without a shard, which gives what it has to all others in proportion. Nothing else
   * moves.
   *
   * @param weights of the shards that stay
   * @param virtualNodes how many spans there should be at least, on average, for each shard
   * @throws IllegalArgumentException if the shard is not on the ring, has a weight, or is the last
   */
  public static HashRing remove(
      HashRing ring, ShardId shard, Map<ShardId, Integer> weights, int virtualNodes) {
    checkArgument(ring.owners().contains(shard), "shard %s is not on the ring", shard);
    checkArgument(!weights.containsKey(shard), "shard %s is to go, but has a weight", shard);
    return change(ring, shard, weights, virtualNodes);
  }

  /**
   * The ring after the weight of one shard changed: it takes what it lacks from all others, or
   * gives them what it has too much, in proportion. Nothing moves between these.
   *
   * @param weights of all shards
   * @param virtualNodes how many spans there should be at least, on average, for each shard
   * @throws IllegalArgumentException if the shard is not on the ring, or has no weight
   */
  public static HashRing reweigh(
      HashRing ring, ShardId shard, Map<ShardId, Integer> weights, int virtualNodes) {
    checkArgument(ring.owners().contains(shard), "shard %s is not on the ring", shard);
    checkArgument(weights.containsKey(shard), "shard %s has no weight", shard);
    return change(ring, shard, weights, virtualNodes);
  }

  private static HashRing change(
      HashRing ring, ShardId shard, Map<ShardId, Integer> weights, int virtualNodes) {
    checkVirtualNodes(virtualNodes);
    checked(weights);
    return new ShareChange(ring, weights).bringToItsShare(shard, virtualNodes);
  }

  private static void checkVirtualNodes(int virtualNodes) {
    checkArgument(
        virtualNodes > 0, "%s virtual nodes are too few, at least 1 is needed", virtualNodes);
  }

  /** The shards in their order. */
  private static List<ShardId> checked(Map<ShardId, Integer> weights) {
    checkArgument(!weights.isEmpty(), "a ring needs at least one shard");
    weights.forEach(
        (shard, weight) ->
            checkArgument(weight > 0, "weight %s of shard %s is not positive", weight, shard));
    return List.copyOf(new TreeMap<>(weights).keySet());
  }

  private static long[] weightsOf(List<ShardId> shards, Map<ShardId, Integer> weights) {
    return shards.stream().mapToLong(weights::get).toArray();
  }

  /** One of the spans that a shard gets: its turn comes in proportion to how many it gets. */
  private record Turn(int shard, long index, long count) implements Comparable<Turn> {
    /** By (index + 1/2) / count, compared without rounding; in the order of shards where equal. */
    @Override
    public int compareTo(Turn other) {
      int byTurn = Long.compare((2 * index + 1) * other.count, (2 * other.index + 1) * count);
      return byTurn != 0 ? byTurn : Integer.compare(shard, other.shard);
    }

    long partOf(long steps) {
      return steps * (index + 1) / count - steps * index / count;
    }
  }
}
