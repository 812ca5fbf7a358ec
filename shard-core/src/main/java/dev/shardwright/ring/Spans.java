package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The boundaries of a ring and the owner of each span, checked once; what both kinds of ring are
 * made of. Immutable.
 */
final class Spans {
  /** First token of each span, ascending; the first is the smallest token. */
  final long[] firsts;

  final ShardId[] owners;

  /** Each owner once: every query over all shards asks for them. */
  private final SortedSet<ShardId> distinctOwners;

  private Spans(long[] firsts, ShardId[] owners, Set<ShardId> distinctOwners) {
    this.firsts = firsts;
    this.owners = owners;
    this.distinctOwners = Collections.unmodifiableSortedSet(new TreeSet<>(distinctOwners));
  }

  /**
   * @throws IllegalArgumentException if the virtual nodes do not cover all tokens exactly once, in
   *     order
   */
  static Spans of(List<VirtualNode> virtualNodes) {
    checkArgument(!virtualNodes.isEmpty(), "a ring needs at least one virtual node");
    long[] firsts = new long[virtualNodes.size()];
    ShardId[] owners = new ShardId[virtualNodes.size()];
    Map<ShardId, ShardId> interned = new HashMap<>();
    long expected = Long.MIN_VALUE;
    for (int i = 0; i < firsts.length; i++) {
      VirtualNode node = virtualNodes.get(i);
      checkArgument(
          node.range().first() == expected,
          "ring has a gap or an overlap: virtual node %s begins at %s, expected %s",
          i,
          node.range().first(),
          expected);
      boolean last = i == firsts.length - 1;
      checkArgument(
          last == (node.range().last() == Long.MAX_VALUE),
          "ring has a gap or an overlap: virtual node %s of %s ends at %s",
          i,
          firsts.length,
          node.range().last());
      firsts[i] = expected;
      owners[i] = interned.computeIfAbsent(node.owner(), owner -> owner);
      expected = node.range().last() + 1;
    }
    return new Spans(firsts, owners, interned.keySet());
  }

  int size() {
    return firsts.length;
  }

  /** Binary search among the spans from {@code low} to {@code high}, which must hold the token. */
  int indexOf(long token, int low, int high) {
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firsts[middle] <= token) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  VirtualNode virtualNode(int index) {
    long last = index == firsts.length - 1 ? Long.MAX_VALUE : firsts[index + 1] - 1;
    return new VirtualNode(new KeyRange(firsts[index], last), owners[index]);
  }

  List<VirtualNode> virtualNodes() {
    List<VirtualNode> nodes = new ArrayList<>(firsts.length);
    for (int i = 0; i < firsts.length; i++) {
      nodes.add(virtualNode(i));
    }
    return Collections.unmodifiableList(nodes);
  }

  SortedSet<ShardId> owners() {
    return distinctOwners;
  }

  KeyRangeSet rangesOf(ShardId shard) {
    List<KeyRange> ranges = new ArrayList<>();
    for (int i = 0; i < firsts.length; i++) {
      if (owners[i].equals(shard)) {
        ranges.add(virtualNode(i).range());
      }
    }
    return KeyRangeSet.of(ranges);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Spans that
        && Arrays.equals(firsts, that.firsts)
        && Arrays.equals(owners, that.owners);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(firsts) + Arrays.hashCode(owners);
  }
}
