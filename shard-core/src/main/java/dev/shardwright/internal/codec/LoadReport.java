package dev.shardwright.internal.codec;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * How much work with a sharding key one router did, and where. Estimated: one piece of work in some
 * is counted, for as many.
 *
 * @param period the time that it is about
 * @param rings those with work
 */
public record LoadReport(Duration period, List<RingLoad> rings) {
  public LoadReport {
    rings = List.copyOf(rings);
  }

  /**
   * The work on the ring of one keyspace and region.
   *
   * @param total all of it
   * @param busiest pieces of work by virtual node, of those with the most; a pinned token counts as
   *     a virtual node of its own
   */
  public record RingLoad(
      String keyspace, Region region, long total, SortedMap<KeyRange, Long> busiest) {
    /**
     * @throws IllegalArgumentException if the busiest have more than all
     */
    public RingLoad {
      busiest = ImmutableSortedMap.copyOf(busiest);
      long counted = busiest.values().stream().mapToLong(Long::longValue).sum();
      checkArgument(counted <= total, "the busiest have %s of %s", counted, total);
    }
  }
}
