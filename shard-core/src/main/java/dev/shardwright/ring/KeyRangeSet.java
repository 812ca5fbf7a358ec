package dev.shardwright.ring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A set of tokens as key ranges: ordered, disjoint, never touching, so that equal sets are equal
 * values. Immutable.
 */
public final class KeyRangeSet {
  /** No token. */
  public static final KeyRangeSet EMPTY = new KeyRangeSet(List.of());

  /** Every token. */
  public static final KeyRangeSet ALL = new KeyRangeSet(List.of(KeyRange.ALL));

  private final List<KeyRange> ranges;

  private KeyRangeSet(List<KeyRange> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /** The union of the given ranges, which may overlap and come in any order. */
  public static KeyRangeSet of(Collection<KeyRange> ranges) {
    List<KeyRange> joined = new ArrayList<>();
    for (KeyRange range : ranges.stream().sorted().toList()) {
      int end = joined.size() - 1;
      if (end >= 0 && touches(joined.get(end), range)) {
        KeyRange before = joined.get(end);
        joined.set(end, new KeyRange(before.first(), Math.max(before.last(), range.last())));
      } else {
        joined.add(range);
      }
    }
    return new KeyRangeSet(joined);
  }

  /** The union of the given ranges, which may overlap and come in any order. */
  public static KeyRangeSet of(KeyRange... ranges) {
    return of(List.of(ranges));
  }

  /** Ordered by token, disjoint, never touching. */
  public List<KeyRange> ranges() {
    return ranges;
  }

  /** Whether there is no token in this set. */
  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** Whether the token is in this set. */
  public boolean contains(long token) {
    int low = 0;
    int high = ranges.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      KeyRange range = ranges.get(middle);
      if (range.contains(token)) {
        return true;
      }
      if (token < range.first()) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return false;
  }

  /** The tokens of either set. */
  public KeyRangeSet union(KeyRangeSet other) {
    List<KeyRange> both = new ArrayList<>(ranges);
    both.addAll(other.ranges);
    return of(both);
  }

  /** The tokens of this set that are not in the other. */
  public KeyRangeSet minus(KeyRangeSet other) {
    return intersection(other.complement());
  }

  /** The tokens that are in both sets. */
  public KeyRangeSet intersection(KeyRangeSet other) {
    List<KeyRange> common = new ArrayList<>();
    int mine = 0;
    int theirs = 0;
    while (mine < ranges.size() && theirs < other.ranges.size()) {
      KeyRange a = ranges.get(mine);
      KeyRange b = other.ranges.get(theirs);
      if (a.intersects(b)) {
        common.add(new KeyRange(Math.max(a.first(), b.first()), Math.min(a.last(), b.last())));
      }
      if (a.last() < b.last()) {
        mine++;
      } else {
        theirs++;
      }
    }
    return new KeyRangeSet(common);
  }

  /** The tokens that are not in this set. */
  public KeyRangeSet complement() {
    List<KeyRange> gaps = new ArrayList<>();
    long next = Long.MIN_VALUE;
    for (KeyRange range : ranges) {
      if (range.first() > next) {
        gaps.add(new KeyRange(next, range.first() - 1));
      }
      if (range.last() == Long.MAX_VALUE) {
        return new KeyRangeSet(gaps);
      }
      next = range.last() + 1;
    }
    gaps.add(new KeyRange(next, Long.MAX_VALUE));
    return new KeyRangeSet(gaps);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyRangeSet that && ranges.equals(that.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  @Override
  public String toString() {
    return ranges.stream().map(KeyRange::toString).collect(Collectors.joining(", ", "{", "}"));
  }

  private static boolean touches(KeyRange earlier, KeyRange later) {
    return earlier.last() == Long.MAX_VALUE || later.first() <= earlier.last() + 1;
  }
}
