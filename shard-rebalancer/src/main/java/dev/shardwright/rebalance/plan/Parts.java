package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import java.util.ArrayList;
import java.util.List;

/** Divides what moves between one pair of shards so that no part has too many bytes. */
final class Parts {
  private Parts() {}

  /**
   * The parts, in the order of tokens: whole virtual nodes, as many as fit, and grid steps of those
   * that do not fit.
   */
  static List<KeyRangeSet> of(
      KeyRangeSet ranges, Placement placement, Measure measure, long mostBytes) {
    if (bytes(measure, ranges) <= mostBytes) {
      return List.of(ranges);
    }
    List<KeyRangeSet> parts = new ArrayList<>();
    List<KeyRange> part = new ArrayList<>();
    long bytes = 0;
    for (KeyRange range : units(ranges, placement, measure, mostBytes)) {
      long more = bytes(measure, KeyRangeSet.of(range));
      if (!part.isEmpty() && bytes + more > mostBytes) {
        parts.add(KeyRangeSet.of(part));
        part.clear();
        bytes = 0;
      }
      part.add(range);
      bytes += more;
    }
    parts.add(KeyRangeSet.of(part));
    return parts;
  }

  private static List<KeyRange> units(
      KeyRangeSet ranges, Placement placement, Measure measure, long mostBytes) {
    List<KeyRange> units = new ArrayList<>();
    Ring ring = placement.ring();
    for (KeyRange range : ranges.ranges()) {
      for (int i = ring.indexOf(range.first()); i <= ring.indexOf(range.last()); i++) {
        KeyRange part = Tokens.common(range, ring.virtualNode(i).range());
        boolean cut = ring instanceof HashRing && Tokens.in(part) > 1;
        addHalves(units, part, cut, measure, mostBytes);
      }
    }
    return units;
  }

  private static void addHalves(
      List<KeyRange> units, KeyRange range, boolean cut, Measure measure, long mostBytes) {
    long steps = cut ? Tokens.stepsIn(range) : 1;
    if (steps == 1 || bytes(measure, KeyRangeSet.of(range)) <= mostBytes) {
      units.add(range);
      return;
    }
    KeyRange lower = Tokens.firstSteps(range, steps / 2);
    addHalves(units, lower, true, measure, mostBytes);
    addHalves(units, new KeyRange(lower.last() + 1, range.last()), true, measure, mostBytes);
  }

  private static long bytes(Measure measure, KeyRangeSet ranges) {
    return measure.volumeOf(ranges).bytes();
  }
}
