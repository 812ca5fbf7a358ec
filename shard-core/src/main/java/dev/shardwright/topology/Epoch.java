package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The version of a topology: each change makes it larger by one.
 *
 * @param value 0 before there is a topology, then 1, 2, 3, …
 */
public record Epoch(long value) implements Comparable<Epoch> {
  /** Before the first topology. */
  public static final Epoch NONE = new Epoch(0);

  /**
   * @throws IllegalArgumentException if {@code value} is negative
   */
  public Epoch {
    checkArgument(value >= 0, "epoch %s is negative", value);
  }

  /** The epoch after this one. */
  public Epoch next() {
    return new Epoch(value + 1);
  }

  /** Whether this epoch is newer than the other. */
  public boolean isAfter(Epoch other) {
    return value > other.value;
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
