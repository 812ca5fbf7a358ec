package dev.shardwright.rebalance.internal.copy;

/**
 * How far the copy of a table has come.
 *
 * @param rows how many went over, in earlier runs too
 * @param bytes how much that was
 * @param estimatedRows about how many there are in all, and exactly once it is complete; 0 while
 *     nobody knows
 * @param complete whether all rows went over
 */
public record CopyProgress(long rows, long bytes, long estimatedRows, boolean complete) {}
