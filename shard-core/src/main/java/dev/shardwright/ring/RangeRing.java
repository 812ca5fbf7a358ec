package dev.shardwright.ring;

import java.util.List;
import java.util.SortedSet;

/**
 * The ring of a keyspace of strategy {@link Strategy#RANGE} or {@link Strategy#SINGLE}: boundaries
 * anywhere, found by binary search. Immutable.
 */
public final class RangeRing implements Ring {
  private final Spans spans;

  private RangeRing(Spans spans) {
    this.spans = spans;
  }

  /**
   * The ring of these virtual nodes.
   *
   * @param virtualNodes in the order of tokens
   * @throws IllegalArgumentException if they do not cover all tokens exactly once
   */
  public static RangeRing of(List<VirtualNode> virtualNodes) {
    return new RangeRing(Spans.of(virtualNodes));
  }

  /** The ring of one virtual node: every token belongs to that shard. */
  public static RangeRing ownedBy(ShardId owner) {
    return of(List.of(new VirtualNode(KeyRange.ALL, owner)));
  }

  @Override
  public ShardId ownerOf(long token) {
    return spans.owners[indexOf(token)];
  }

  @Override
  public int indexOf(long token) {
    return spans.indexOf(token, 0, spans.size() - 1);
  }

  @Override
  public int size() {
    return spans.size();
  }

  @Override
  public VirtualNode virtualNode(int index) {
    return spans.virtualNode(index);
  }

  @Override
  public List<VirtualNode> virtualNodes() {
    return spans.virtualNodes();
  }

  @Override
  public SortedSet<ShardId> owners() {
    return spans.owners();
  }

  @Override
  public KeyRangeSet rangesOf(ShardId shard) {
    return spans.rangesOf(shard);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RangeRing that && spans.equals(that.spans);
  }

  @Override
  public int hashCode() {
    return spans.hashCode();
  }

  @Override
  public String toString() {
    return "RangeRing[" + size() + " virtual nodes, " + owners().size() + " owners]";
  }
}
