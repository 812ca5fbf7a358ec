package dev.shardwright.ring;

import java.util.Map;
import java.util.TreeMap;

/** How many grid steps each shard owns. */
final class GridSteps {
  private final Map<ShardId, Long> steps = new TreeMap<>();

  GridSteps(HashRing ring) {
    ring.virtualNodes().forEach(node -> steps.merge(node.owner(), in(node.range()), Long::sum));
  }

  long of(ShardId shard) {
    return steps.getOrDefault(shard, 0L);
  }

  static long in(KeyRange range) {
    return (range.last() >> HashRing.GRID_BITS) - (range.first() >> HashRing.GRID_BITS) + 1;
  }

  static long in(KeyRangeSet set) {
    return set.ranges().stream().mapToLong(GridSteps::in).sum();
  }
}
