package dev.shardwright.admin;

/** What becomes of registered tables that a new shard does not have. */
public enum TableDefinitions {
  /** It is refused: a new shard must have all tables, defined as on the others. */
  COMPARE,
  /** They are created as on the others, with the app role's rights; what is there is compared. */
  TAKE_OVER
}
