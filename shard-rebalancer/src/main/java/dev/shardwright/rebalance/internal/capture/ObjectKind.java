package dev.shardwright.rebalance.internal.capture;

/** What a migration makes in a database. */
enum ObjectKind {
  SEQUENCE,
  TABLE,
  FUNCTION,
  TRIGGER
}
