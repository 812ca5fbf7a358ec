package dev.shardwright.rebalance.internal.migration;

/** What is to be done next. */
public sealed interface Decision {

  /** Record another state; its work begins then. */
  record Enter(MigrationState state, Direction direction, String reason) implements Decision {}

  /** Do the next piece of work of the state that is recorded. */
  record Work() implements Decision {}

  /** Look again later. */
  record Rest(String reason) implements Decision {}

  /** The migration is over. */
  record Over() implements Decision {}
}
