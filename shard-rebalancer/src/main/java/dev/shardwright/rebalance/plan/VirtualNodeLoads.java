package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.KeyRange;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The load of one ring as routers report it: the busiest virtual nodes and pins, and all together.
 * The rest is taken to be spread evenly over what is not named.
 *
 * @param busiest statements a minute by virtual node, as it was when the router counted; a range of
 *     one token that is pinned is that pin
 * @param total statements a minute on the ring
 */
public record VirtualNodeLoads(SortedMap<KeyRange, Long> busiest, long total) {
  /**
   * @throws IllegalArgumentException if the busiest have more than all
   */
  public VirtualNodeLoads {
    busiest = ImmutableSortedMap.copyOf(busiest);
    long counted = sum(busiest);
    checkArgument(counted <= total, "the busiest have a load of %s, all only %s", counted, total);
  }

  /** What two routers report, added up. They may know different virtual nodes. */
  public VirtualNodeLoads plus(VirtualNodeLoads other) {
    SortedMap<KeyRange, Long> both = new TreeMap<>(busiest);
    other.busiest.forEach((range, load) -> both.merge(range, load, Long::sum));
    return new VirtualNodeLoads(both, total + other.total);
  }

  long rest() {
    return total - sum(busiest);
  }

  private static long sum(SortedMap<KeyRange, Long> loads) {
    return loads.values().stream().mapToLong(Long::longValue).sum();
  }
}
