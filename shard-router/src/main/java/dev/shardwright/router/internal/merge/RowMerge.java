package dev.shardwright.router.internal.merge;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The rows of several ordered sources in their common order, without doubles where that is wanted,
 * cut to a window. Holds one row of each source. Sources without an order come one after the other.
 * Used by one thread.
 *
 * @param <C> the sources
 * @param <X> what reading may throw
 */
public final class RowMerge<C extends RowCursor<X>, X extends Exception> {
  private final Comparator<@Nullable Object[]> order;
  private final boolean distinct;
  private final RowWindow window;
  private final List<C> cursors;
  private final Comparator<Head<C>> nextFirst;
  private final PriorityQueue<Head<C>> heads;

  private boolean started;
  private @Nullable Head<C> current;

  /** How many rows of the order, each double once, have been seen. */
  private long seen;

  /** The keys of the row seen last. */
  private @Nullable Object @Nullable [] last;

  /** Whether a row was seen that is not equal to the last one of the window. */
  private boolean pastTies;

  /**
   * @param distinct whether a row whose keys are all equal to those of the row before is left out
   */
  public RowMerge(
      List<C> cursors, Comparator<@Nullable Object[]> order, boolean distinct, RowWindow window) {
    this.cursors = List.copyOf(cursors);
    this.order = order;
    this.distinct = distinct;
    this.window = window;
    this.nextFirst =
        (left, right) -> {
          int compared = order.compare(left.keys, right.keys);
          return compared != 0 ? compared : Integer.compare(left.number, right.number);
        };
    this.heads = new PriorityQueue<>(Math.max(1, cursors.size()), nextFirst);
  }

  /** A source at its next row. */
  private static final class Head<C> {
    final C cursor;
    final int number;
    @Nullable Object[] keys;

    Head(C cursor, int number, @Nullable Object[] keys) {
      this.cursor = cursor;
      this.number = number;
      this.keys = keys;
    }
  }

  /** Moves on, and gives the source whose current row is the next of all; null at the end. */
  public @Nullable C next() throws X {
    while (!isComplete()) {
      Head<C> head = advance();
      if (head == null) {
        return null;
      }
      @Nullable Object[] before = last;
      last = head.keys;
      boolean same = before != null && (distinct || seen >= end()) && equal(before, head.keys);
      if (same && distinct) {
        continue;
      }
      if (seen >= end() && !same) {
        pastTies = true;
        return null;
      }
      seen++;
      if (seen > window.offset()) {
        return head.cursor;
      }
    }
    return null;
  }

  private boolean isComplete() {
    return window.limit() == 0 || (seen >= end() && (!window.withTies() || pastTies));
  }

  private long end() {
    return window.limit() > RowWindow.ALL - window.offset()
        ? Long.MAX_VALUE
        : window.limit() + window.offset();
  }

  private boolean equal(@Nullable Object[] left, @Nullable Object[] right) {
    return order.compare(left, right) == 0;
  }

  private @Nullable Head<C> advance() throws X {
    Head<C> before = current;
    if (!started) {
      started = true;
      for (int number = 0; number < cursors.size(); number++) {
        C cursor = cursors.get(number);
        if (cursor.next()) {
          heads.add(new Head<>(cursor, number, cursor.keys()));
        }
      }
    } else if (before != null && before.cursor.next()) {
      before.keys = before.cursor.keys();
      Head<C> best = heads.peek();
      if (best == null || nextFirst.compare(before, best) < 0) {
        return before;
      }
      heads.add(before);
    }
    current = heads.poll();
    return current;
  }
}
