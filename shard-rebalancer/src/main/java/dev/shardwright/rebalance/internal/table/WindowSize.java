package dev.shardwright.rebalance.internal.table;

import java.time.Duration;

/**
 * How many rows of a table to walk through at a time, learnt from how it went the last time. Not
 * thread-safe.
 */
public final class WindowSize {
  private static final int FIRST = 2_000;

  /** What rows are taken to have until some were seen: rather too much, so as not to begin big. */
  private static final long ASSUMED_ROW_BYTES = 1_024;

  private static final int LEAST = 10;
  private static final int MOST = 1_000_000;
  private static final double LARGEST_STEP = 4;

  private final double wantedNanos;
  private final double wantedBytes;
  private int rows;

  /** Begins with a size that suits most tables, or a smaller one where few bytes are wanted. */
  public WindowSize(Duration wantedTime, long wantedBytes) {
    this.wantedNanos = wantedTime.toNanos();
    this.wantedBytes = wantedBytes;
    this.rows = (int) Math.max(LEAST, Math.min(FIRST, wantedBytes / ASSUMED_ROW_BYTES));
  }

  /** How many rows the next window should have. */
  public int rows() {
    return rows;
  }

  /** Takes in that there was no time for the last window; false if it was as small as can be. */
  public boolean tookTooLong() {
    int before = rows;
    rows = Math.max(LEAST, (int) (rows / LARGEST_STEP));
    return rows < before;
  }

  /** Takes in how long the last window took, and how much was in it. */
  public void learn(long nanos, long bytes) {
    double factor = Math.min(wantedNanos / Math.max(1, nanos), wantedBytes / Math.max(1, bytes));
    double step = Math.max(1 / LARGEST_STEP, Math.min(LARGEST_STEP, factor));
    rows = (int) Math.max(LEAST, Math.min(MOST, rows * step));
  }
}
