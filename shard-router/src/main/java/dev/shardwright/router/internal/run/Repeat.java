package dev.shardwright.router.internal.run;

/** Whether work may be done again although it may have been done already. */
public enum Repeat {
  /** It reads, or its caller declared that doing it twice is as good as once. */
  ALWAYS,
  /** It is a transaction: until COMMIT is sent, what it did is rolled back. */
  UNTIL_COMMIT,
  /**
   * It is a text that may commit before it ends: whatever ends it once it was sent, a part of it
   * may stay.
   */
  UNTIL_SENT,
  /** It is a write that commits by itself, as a whole. */
  NEVER
}
