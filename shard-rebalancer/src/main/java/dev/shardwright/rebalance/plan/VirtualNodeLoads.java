package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.KeyRange;
import java.util.SortedMap;

/**
 * The load of one ring as routers report it: the busiest virtual nodes, and all together. The rest
 * is taken to be spread evenly over the other tokens.
 *
 * @param busiest statements by virtual node, as it was when the router counted
 * @param total statements on the ring
 */
public record VirtualNodeLoads(SortedMap<KeyRange, Long> busiest, long total) {
  /**
   * @throws IllegalArgumentException if the busiest have more than all
   */
  public VirtualNodeLoads {
    busiest = ImmutableSortedMap.copyOf(busiest);
    long counted = busiest.values().stream().mapToLong(Long::longValue).sum();
    checkArgument(counted <= total, "the busiest have a load of %s, all only %s", counted, total);
  }

  long rest() {
    return total - busiest.values().stream().mapToLong(Long::longValue).sum();
  }
}
