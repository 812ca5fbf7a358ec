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
   * For each value of a token's top bits, a slot: its lower half is the span that holds the first
   * token with these bits, its upper half the grid step at which the next span begins. One more
   * slot ends the last. Usually at most one span begins within a slot; then these two numbers say
   * it all, and a lookup touches one place in here and one among the owners.
   */
  private final long[] slots;

  private final int shift;

  private HashRing(Spans spans) {
    this.spans = spans;
    int bits = Math.max(1, 33 - Integer.numberOfLeadingZeros(spans.size() - 1));
    this.shift = Long.SIZE - bits;
    this.slots = new long[(1 << bits) + 1];
    int last = spans.size() - 1;
    int span = 0;
    for (int slot = 0; slot < 1 << bits; slot++) {
      long firstToken = ((long) slot << shift) ^ Long.MIN_VALUE;
      while (span < last && spans.firsts[span + 1] <= firstToken) {
        span++;
      }
      slots[slot] = span;
      if (span < last) {
        slots[slot] |= stepOf(spans.firsts[span + 1]) << Integer.SIZE;
      }
    }
    slots[1 << bits] = last;
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
    long entry = slots[slot];
    int low = (int) entry;
    int high = (int) slots[slot + 1];
    if (high - low > 1) {
      return spans.indexOf(token, low, high);
    }
    // Without a branch: which side of the boundary a token is on cannot be predicted. All bits are
    // set from the boundary on, none before it; where no span follows, high equals low.
    int beyond = (int) (((entry >>> Integer.SIZE) - 1 - stepOf(token)) >> (Long.SIZE - 1));
    return low + ((high - low) & beyond);
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
