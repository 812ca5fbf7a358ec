package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What an operator wants of a plan. */
public sealed interface RebalanceRequest {

  /** In a few words, for the head of a plan. */
  String describe();

  /** Whether it says anything about a ring: what is where on others does not matter to its plan. */
  boolean isAbout(RingId ring);

  /**
   * Every shard gets its share by weight. A shard that was added and has nothing yet gets one too;
   * one that is draining, or leaving, gives all that it has, its pins too.
   *
   * @param goal what is made even
   * @param leaving shards that are to be empty, as if they were draining
   * @param weights other weights than the topology has
   */
  record Balance(Goal goal, SortedSet<ShardId> leaving, SortedMap<ShardId, Integer> weights)
      implements RebalanceRequest {
    /**
     * @throws IllegalArgumentException if a weight is not positive
     */
    public Balance {
      leaving = ImmutableSortedSet.copyOf(leaving);
      weights = ImmutableSortedMap.copyOf(weights);
      weights.forEach(
          (shard, weight) ->
              checkArgument(weight > 0, "weight %s of shard %s is not positive", weight, shard));
    }

    /** Balances by the topology as it is. */
    public static Balance by(Goal goal) {
      return new Balance(goal, new TreeSet<>(), new TreeMap<>());
    }

    /** The same with that shard drained, or to be removed. */
    public Balance without(ShardId shard) {
      SortedSet<ShardId> changed = new TreeSet<>(leaving);
      changed.add(shard);
      return new Balance(goal, changed, weights);
    }

    /** The same with another weight of that shard. */
    public Balance weighing(ShardId shard, int weight) {
      SortedMap<ShardId, Integer> changed = new TreeMap<>(weights);
      changed.put(shard, weight);
      return new Balance(goal, leaving, changed);
    }

    @Override
    public String describe() {
      String names = leaving.stream().map(ShardId::value).collect(Collectors.joining(", "));
      return "balance by "
          + goal.word()
          + (leaving.isEmpty() ? "" : ", emptying " + names)
          + (weights.isEmpty() ? "" : ", with weights " + weights);
    }

    @Override
    public boolean isAbout(RingId ring) {
      return true;
    }
  }

  /**
   * A key, such as a tenant, goes to a shard and is pinned there, apart from the ring.
   *
   * @param ring where it is
   * @param key the key as text
   * @param target where it is to be
   */
  record MoveKey(RingId ring, String key, ShardId target) implements RebalanceRequest {
    @Override
    public String describe() {
      return "move key '%s' of %s to %s".formatted(key, ring, target);
    }

    @Override
    public boolean isAbout(RingId other) {
      return ring.equals(other);
    }
  }

  /**
   * A set of tokens goes to a shard.
   *
   * @param ring where they are
   * @param tokens which; on a HASH ring each range is on the grid or a single token
   * @param target where they are to be
   */
  record MoveTokens(RingId ring, KeyRangeSet tokens, ShardId target) implements RebalanceRequest {
    /**
     * @throws IllegalArgumentException if there is no token
     */
    public MoveTokens {
      checkArgument(!tokens.isEmpty(), "no tokens are given that should go to shard %s", target);
    }

    @Override
    public String describe() {
      return "move tokens %s of %s to %s".formatted(tokens, ring, target);
    }

    @Override
    public boolean isAbout(RingId other) {
      return ring.equals(other);
    }
  }

  /**
   * A virtual node is split, and its upper part goes to a shard.
   *
   * @param ring where it is
   * @param at the first token of the upper part; on a HASH ring on the grid
   * @param target where the upper part is to be
   */
  record SplitRange(RingId ring, long at, ShardId target) implements RebalanceRequest {

    /** Splits in the middle, on the grid if the strategy is HASH. */
    public static SplitRange inHalf(
        RingId ring, Strategy strategy, KeyRange virtualNode, ShardId target) {
      long half = (virtualNode.last() - virtualNode.first()) >>> 1;
      long at = virtualNode.first() + half + 1;
      long onGrid = strategy == Strategy.HASH ? at & -(1L << HashRing.GRID_BITS) : at;
      checkArgument(
          onGrid > virtualNode.first() && onGrid <= virtualNode.last(),
          "virtual node %s is too small to be split",
          virtualNode);
      return new SplitRange(ring, onGrid, target);
    }

    @Override
    public String describe() {
      return "split %s at token %s, the upper part to %s".formatted(ring, at, target);
    }

    @Override
    public boolean isAbout(RingId other) {
      return ring.equals(other);
    }
  }
}
