package dev.shardwright.rebalance.internal.migration;

/**
 * How far copying has come.
 *
 * @param rows how many rows went over
 * @param bytes how much that was
 * @param estimatedRows about how many rows there are in all; 0 while nobody knows
 */
public record Progress(long rows, long bytes, long estimatedRows) {
  /** Before anything was copied. */
  public static final Progress NONE = new Progress(0, 0, 0);
}
