package dev.shardwright.rebalance.internal.table;

import java.util.Optional;

/**
 * The rows of a table between two primary keys.
 *
 * @param after the largest key before the window; empty at the beginning of the table
 * @param upTo the last key of the window; empty if it reaches to the end of the table
 */
public record KeyWindow(Optional<RowKey> after, Optional<RowKey> upTo) {
  /** All rows. */
  public static final KeyWindow ALL = new KeyWindow(Optional.empty(), Optional.empty());
}
