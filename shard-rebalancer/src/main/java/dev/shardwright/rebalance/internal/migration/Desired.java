package dev.shardwright.rebalance.internal.migration;

/** What people want of a migration. Any process may say it; the leader carries it out. */
public enum Desired {
  /** Go on to the end. */
  RUN,
  /** Rest at the next place where that does no harm. */
  PAUSE,
  /** Give up, if the ranges have not changed hands yet. */
  ABORT,
  /** Take the ranges back, if they have changed hands and the window is open. */
  ROLL_BACK
}
