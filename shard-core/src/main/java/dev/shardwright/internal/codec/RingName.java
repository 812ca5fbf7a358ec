package dev.shardwright.internal.codec;

import dev.shardwright.topology.Region;
import java.util.Comparator;

/** Which ring of a cluster: each keyspace has one in each of its regions. */
public record RingName(String keyspace, Region region) implements Comparable<RingName> {
  private static final Comparator<RingName> ORDER =
      Comparator.comparing(RingName::keyspace).thenComparing(RingName::region);

  @Override
  public int compareTo(RingName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return keyspace + "/" + region;
  }
}
