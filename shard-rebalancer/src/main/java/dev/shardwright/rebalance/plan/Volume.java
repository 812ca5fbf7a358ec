package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How much there is of something: as measured, so never quite exact.
 *
 * @param rows of all tables of the keyspace together
 * @param bytes on disk, indexes and all
 * @param load statements a minute, as routers report them
 */
public record Volume(long rows, long bytes, long load) {
  /** Nothing. */
  public static final Volume NONE = new Volume(0, 0, 0);

  /**
   * @throws IllegalArgumentException if a part is negative
   */
  public Volume {
    checkArgument(
        rows >= 0 && bytes >= 0 && load >= 0,
        "a volume is not negative: %s rows, %s bytes, load %s",
        rows,
        bytes,
        load);
  }

  /** Both together. */
  public Volume plus(Volume other) {
    return new Volume(rows + other.rows, bytes + other.bytes, load + other.load);
  }

  /** This without the other, and not less than nothing. */
  public Volume minus(Volume other) {
    return new Volume(
        Math.max(0, rows - other.rows),
        Math.max(0, bytes - other.bytes),
        Math.max(0, load - other.load));
  }

  /** A fraction of it, rounded. */
  public Volume times(double fraction) {
    return new Volume(
        Math.round(rows * fraction), Math.round(bytes * fraction), Math.round(load * fraction));
  }

  /** This with another load. */
  public Volume withLoad(long changed) {
    return new Volume(rows, bytes, changed);
  }
}
