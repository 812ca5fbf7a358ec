package dev.shardwright.router.internal.run;

/** How far an attempt had come when it failed. */
public enum Phase {
  /** Nothing that does the work was sent to the database. */
  NOT_SENT,
  /** Something was sent; a transaction is not committed yet. */
  SENT,
  /** COMMIT was sent, and its answer did not arrive. */
  COMMITTING,
  /** The database had carried the work out; its rows were being read. */
  ANSWERED
}
