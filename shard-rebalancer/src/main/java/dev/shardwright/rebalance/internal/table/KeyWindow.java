package dev.shardwright.rebalance.internal.table;

import dev.shardwright.ring.KeyRangeSet;
import java.util.Optional;

/**
 * The moving rows of a table between two places in its {@link RowOrder}.
 *
 * @param ranges the tokens of the rows
 * @param after the last place before the window; empty at the beginning of the table
 * @param upTo the last place of the window; empty if it reaches to the end of the table
 */
public record KeyWindow(KeyRangeSet ranges, Optional<RowKey> after, Optional<RowKey> upTo) {
  /** All rows of these tokens. */
  public static KeyWindow all(KeyRangeSet ranges) {
    return new KeyWindow(ranges, Optional.empty(), Optional.empty());
  }

  /** What is left of this window after its first part; empty if that was all of it. */
  public Optional<KeyWindow> without(KeyWindow first) {
    return first.upTo().equals(upTo)
        ? Optional.empty()
        : Optional.of(new KeyWindow(ranges, first.upTo(), upTo));
  }
}
