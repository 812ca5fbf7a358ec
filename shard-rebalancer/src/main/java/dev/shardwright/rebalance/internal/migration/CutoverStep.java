package dev.shardwright.rebalance.internal.migration;

/** One step on the way of ranges from one shard to the other; PROTOCOL's steps 8 to 13. */
public enum CutoverStep {
  /** Make routers let new work on the ranges wait. */
  HOLD,
  /** Wait for the routers' acknowledgements, and end the sessions of those that gave none. */
  AWAIT_ROUTERS,
  /** Keep writers out in the database, and wait until those that are in have ended. */
  GATE,
  /** Copy what is left in the key logs. */
  DRAIN,
  /** Let the shard that loses the ranges refuse them for good, and let the gate go. */
  FENCE,
  /** Make the other shard their owner, if work still waits for this attempt. */
  COMMIT,
  /** End the hold without a change of hands. */
  GIVE_UP,
  /** Let the shard that owns the ranges accept them. */
  OPEN,
  /** Nothing is left to be done: the ranges have arrived, or the attempt is over. */
  NOTHING
}
