package dev.shardwright.rebalance.internal.copy;

/**
 * What came of draining.
 *
 * @param applied how many rows of the key log were applied and deleted
 * @param remaining about how many were left, as {@link KeyLogDrain#length} says; 0 if the log was
 *     read to its end, though others may have come since
 */
public record Drained(long applied, long remaining) {
  static final Drained NOTHING = new Drained(0, 0);

  public Drained plus(Drained next) {
    return new Drained(applied + next.applied, next.remaining);
  }
}
