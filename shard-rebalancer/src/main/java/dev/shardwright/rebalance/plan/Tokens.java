package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;

/** Counts tokens, and grid steps of them. */
final class Tokens {
  private static final long STEP = 1L << HashRing.GRID_BITS;

  private Tokens() {}

  /** How many tokens there are in the range; the whole ring has 2^64. */
  static double in(KeyRange range) {
    long above = range.last() - range.first();
    return (above >= 0 ? above : above + 0x1p64) + 1;
  }

  static double in(KeyRangeSet ranges) {
    return ranges.ranges().stream().mapToDouble(Tokens::in).sum();
  }

  /** The tokens of both ranges, which have some in common. */
  static KeyRange common(KeyRange one, KeyRange other) {
    return new KeyRange(Math.max(one.first(), other.first()), Math.min(one.last(), other.last()));
  }

  /** How many grid steps have tokens of the range. */
  static long stepsIn(KeyRange range) {
    return (range.last() >> HashRing.GRID_BITS) - (range.first() >> HashRing.GRID_BITS) + 1;
  }

  /** What a range has in its first grid steps; it goes on beyond them. */
  static KeyRange firstSteps(KeyRange range, long steps) {
    return new KeyRange(range.first(), stepOf(range.first()).first() + steps * STEP - 1);
  }

  /** The grid step that holds the token. */
  static KeyRange stepOf(long token) {
    long first = token & -STEP;
    return new KeyRange(first, first + STEP - 1);
  }

  /** The grid steps that hold a token of the set. */
  static KeyRangeSet stepsOf(KeyRangeSet tokens) {
    return KeyRangeSet.of(
        tokens.ranges().stream()
            .map(range -> new KeyRange(stepOf(range.first()).first(), stepOf(range.last()).last()))
            .toList());
  }
}
