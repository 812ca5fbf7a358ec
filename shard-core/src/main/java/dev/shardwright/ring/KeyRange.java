package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A non-empty span of tokens, both ends in it. Never wraps: a span over the top is two ranges.
 *
 * @param first the smallest token in the range
 * @param last the largest token in the range
 */
public record KeyRange(long first, long last) implements Comparable<KeyRange> {
  /** The whole ring. */
  public static final KeyRange ALL = new KeyRange(Long.MIN_VALUE, Long.MAX_VALUE);

  /**
   * @throws IllegalArgumentException if the range is empty or wraps
   */
  public KeyRange {
    checkArgument(first <= last, "key range is empty or wraps: [%s, %s]", first, last);
  }

  /** The range that holds just one token. */
  public static KeyRange of(long token) {
    return new KeyRange(token, token);
  }

  /** Whether the token lies in this range. */
  public boolean contains(long token) {
    return first <= token && token <= last;
  }

  /** Whether the two ranges have a token in common. */
  public boolean intersects(KeyRange other) {
    return first <= other.last && other.first <= last;
  }

  /** By first token, then by last. */
  @Override
  public int compareTo(KeyRange other) {
    int byFirst = Long.compare(first, other.first);
    return byFirst != 0 ? byFirst : Long.compare(last, other.last);
  }

  @Override
  public String toString() {
    return "[" + first + ", " + last + "]";
  }
}
