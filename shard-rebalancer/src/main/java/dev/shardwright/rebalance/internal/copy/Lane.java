package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.RowKey;
import java.util.Optional;

/**
 * A part of a table that is copied from its beginning to its end, beside others, and how far that
 * has come.
 *
 * @param number from 0 in the order of the rows
 * @param part the rows
 * @param position the last place up to which the rows are copied; empty before the first
 * @param complete whether all rows are copied
 * @param rows how many were copied so far
 * @param bytes how much that was
 */
record Lane(
    int number,
    KeyWindow part,
    Optional<RowKey> position,
    boolean complete,
    long rows,
    long bytes) {

  static Lane start(int number, KeyWindow part) {
    return new Lane(number, part, Optional.empty(), false, 0, 0);
  }

  /** What is still to be copied. */
  KeyWindow rest() {
    return new KeyWindow(part.ranges(), position.or(part::after), part.upTo());
  }

  /** What is copied for good; empty before the first chunk. */
  Optional<KeyWindow> copied() {
    if (complete) {
      return Optional.of(part);
    }
    return position.map(last -> new KeyWindow(part.ranges(), part.after(), position));
  }

  /** The lane after the first window of its rest was copied. */
  Lane after(KeyWindow window, Copied copied) {
    return new Lane(
        number,
        part,
        window.upTo(),
        window.upTo().equals(part.upTo()),
        rows + copied.rows(),
        bytes + copied.bytes());
  }
}
