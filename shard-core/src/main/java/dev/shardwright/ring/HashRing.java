package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.SortedSet;

/**
 * The ring of a keyspace of strategy {@link Strategy#HASH}. Its boundaries lie on a grid of 2^32
 * tokens, so that a ring is small, and an index over the top bits of the token finds an owner in
 * constant time unless many boundaries crowd together. Immutable.
 */
public final class HashRing implements Ring {
  /** How many bits of a token lie below the grid. */
  public static final int GRID_BITS = 32;

  /** How many steps the grid has. */
  static final long GRID_STEPS = 1L << (Long.SIZE - GRID_BITS);

  private static final long BELOW_GRID = (1L << GRID_BITS) - 1;

  private final Spans spans;

  /**
   * For each value of the top bits, the span that holds the first token with these bits; one more
   * entry ends the last.
   */
  private final int[] spanAtTopBits;

  private final int shift;

  private HashRing(Spans spans) {
    this.spans = spans;
    int bits = Math.max(1, 33 - Integer.numberOfLeadingZeros(spans.size() - 1));
    this.shift = Long.SIZE - bits;
    this.spanAtTopBits = new int[(1 << bits) + 1];
    int span = 0;
    for (int slot = 0; slot < 1 << bits; slot++) {
      long firstToken = ((long) slot << shift) ^ Long.MIN_VALUE;
      while (span + 1 < spans.size() && spans.firsts[span + 1] <= firstToken) {
        span++;
      }
      spanAtTopBits[slot] = span;
    }
    spanAtTopBits[1 << bits] = spans.size() - 1;
  }

  /**
   * The ring of these virtual nodes.
   *
   * @param virtualNodes in the order of tokens
   * @throws IllegalArgumentException if they do not cover all tokens exactly once, or a boundary is
   *     off the grid
   */
  public static HashRing of(List<VirtualNode> virtualNodes) {
    Spans spans = Spans.of(virtualNodes);
    for (long first : spans.firsts) {
      checkArgument(
          (first & BELOW_GRID) == 0, "boundary %s is not on the grid of 2^32 tokens", first);
    }
    return new HashRing(spans);
  }

  /** The grid step, counted from 0, that the token lies in. */
  static long stepOf(long token) {
    return (token ^ Long.MIN_VALUE) >>> GRID_BITS;
  }

  /** The first token of that grid step, which is counted from 0. */
  static long firstTokenOf(long step) {
    return (step << GRID_BITS) ^ Long.MIN_VALUE;
  }

  @Override
  public ShardId ownerOf(long token) {
    return spans.owners[indexOf(token)];
  }

  @Override
  public int indexOf(long token) {
    int slot = (int) ((token ^ Long.MIN_VALUE) >>> shift);
    int low = spanAtTopBits[slot];
    int high = spanAtTopBits[slot + 1];
    return low == high ? low : spans.indexOf(token, low, high);
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
    return other instanceof HashRing that && spans.equals(that.spans);
  }

  @Override
  public int hashCode() {
    return spans.hashCode();
  }

  @Override
  public String toString() {
    return "HashRing[" + size() + " virtual nodes, " + owners().size() + " owners]";
  }
}
