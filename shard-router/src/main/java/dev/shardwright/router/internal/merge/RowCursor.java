package dev.shardwright.router.internal.merge;

import org.jspecify.annotations.Nullable;

/**
 * The rows of one source, from the first to the last.
 *
 * @param <X> what reading may throw
 */
public interface RowCursor<X extends Exception> {
  /** Moves to the next row; false once there is none. */
  boolean next() throws X;

  /** The values of the order's keys in the current row. The array is not changed afterwards. */
  @Nullable Object[] keys() throws X;
}
