package dev.shardwright.ring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A HASH ring on which one shard takes from all others, or gives to them. */
final class ShareChange {
  /** Owners before and after; a shard's number is its place in here. */
  private final List<ShardId> shards;

  private final long[] firsts;
  private final int[] owners;

  /** How many grid steps each shard has. */
  private final long[] has;

  /** How many it should have. */
  private final long[] targets;

  ShareChange(HashRing ring, Map<ShardId, Integer> weights) {
    SortedSet<ShardId> both = new TreeSet<>(ring.owners());
    both.addAll(weights.keySet());
    shards = List.copyOf(both);
    firsts = new long[ring.size()];
    owners = new int[ring.size()];
    has = new long[shards.size()];
    for (int i = 0; i < firsts.length; i++) {
      VirtualNode node = ring.virtualNode(i);
      firsts[i] = HashRing.stepOf(node.range().first());
      owners[i] = Collections.binarySearch(shards, node.owner());
      has[owners[i]] += HashRing.stepOf(node.range().last()) + 1 - firsts[i];
    }
    long[] parts = shards.stream().mapToLong(shard -> weights.getOrDefault(shard, 0)).toArray();
    targets = Shares.of(HashRing.GRID_STEPS, parts);
  }

  /** The ring on which that shard has its target, and no two others exchanged anything. */
  HashRing bringToItsShare(ShardId shard, int virtualNodes) {
    int number = Collections.binarySearch(shards, shard);
    long takes = targets[number] - has[number];
    Runs runs = Runs.of(firsts, owners);
    if (takes > 0) {
      runs.take(number, Quotas.giving(takes, differences(has, targets, number), targets));
    } else {
      runs.give(number, -takes, Quotas.taking(-takes, differences(targets, has, number), targets));
    }
    long count = Arrays.stream(targets).filter(target -> target > 0).count();
    return ring(runs.all(), Math.toIntExact(count * virtualNodes));
  }

  /**
   * How much each of the others has more in the first than in the second; the one takes no part.
   */
  private static long[] differences(long[] more, long[] less, int except) {
    long[] differences = new long[more.length];
    Arrays.setAll(
        differences, shard -> shard == except ? -HashRing.GRID_STEPS : more[shard] - less[shard]);
    return differences;
  }

  private HashRing ring(List<Runs.Run> runs, int wanted) {
    long[] starts = runs.stream().mapToLong(run -> run.first).toArray();
    long[] firsts = Subdivision.of(starts, this.firsts, wanted);
    List<VirtualNode> nodes = new ArrayList<>(firsts.length);
    int run = 0;
    for (int i = 0; i < firsts.length; i++) {
      while (run + 1 < starts.length && starts[run + 1] <= firsts[i]) {
        run++;
      }
      long end = i + 1 == firsts.length ? HashRing.GRID_STEPS : firsts[i + 1];
      KeyRange range =
          new KeyRange(HashRing.firstTokenOf(firsts[i]), HashRing.firstTokenOf(end) - 1);
      nodes.add(new VirtualNode(range, shards.get(runs.get(run).owner)));
    }
    return HashRing.of(nodes);
  }
}
