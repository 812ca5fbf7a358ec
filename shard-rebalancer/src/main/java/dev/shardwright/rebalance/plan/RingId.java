package dev.shardwright.rebalance.plan;

import dev.shardwright.topology.Region;

/**
 * Which ring of the cluster.
 *
 * @param keyspace the keyspace's name
 * @param region its region, or {@link Region#ALL}
 */
public record RingId(String keyspace, Region region) implements Comparable<RingId> {
  @Override
  public int compareTo(RingId other) {
    int byKeyspace = keyspace.compareTo(other.keyspace);
    return byKeyspace != 0 ? byKeyspace : region.compareTo(other.region);
  }

  /** As in {@code shop} or {@code shop/eu}. */
  @Override
  public String toString() {
    return region.equals(Region.ALL) ? keyspace : keyspace + "/" + region;
  }
}
