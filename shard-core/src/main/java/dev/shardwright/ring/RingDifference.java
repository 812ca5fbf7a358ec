package dev.shardwright.ring;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What must move for one ring to become another. Pure. */
public final class RingDifference {
  private static final Comparator<Ends> BY_SOURCE_THEN_TARGET =
      Comparator.comparing(Ends::source).thenComparing(Ends::target);

  private RingDifference() {}

  /**
   * The transfers that turn the first ring into the second: one for each pair of shards that has
   * tokens to move, ordered by source, then by target. No token is in two of them; none is in any
   * whose owner stays the same.
   */
  public static List<RangeTransfer> between(Ring from, Ring to) {
    SortedMap<Ends, List<KeyRange>> moved = new TreeMap<>(BY_SOURCE_THEN_TARGET);
    long first = Long.MIN_VALUE;
    for (int before = 0, after = 0; ; ) {
      VirtualNode old = from.virtualNode(before);
      VirtualNode now = to.virtualNode(after);
      long last = Math.min(old.range().last(), now.range().last());
      if (!old.owner().equals(now.owner())) {
        moved
            .computeIfAbsent(new Ends(old.owner(), now.owner()), ends -> new ArrayList<>())
            .add(new KeyRange(first, last));
      }
      if (last == Long.MAX_VALUE) {
        break;
      }
      before += old.range().last() == last ? 1 : 0;
      after += now.range().last() == last ? 1 : 0;
      first = last + 1;
    }
    List<RangeTransfer> transfers = new ArrayList<>(moved.size());
    moved.forEach(
        (ends, ranges) ->
            transfers.add(new RangeTransfer(ends.source, ends.target, KeyRangeSet.of(ranges))));
    return List.copyOf(transfers);
  }

  private record Ends(ShardId source, ShardId target) {}
}
