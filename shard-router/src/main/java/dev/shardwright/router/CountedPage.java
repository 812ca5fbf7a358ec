package dev.shardwright.router;

import java.util.List;

/**
 * Some rows of a query, and how many it has in all. Both are read at the same time, but not in the
 * same snapshot.
 *
 * @param rows in their order
 * @param total how many rows the query has
 * @param <T> the rows
 */
public record CountedPage<T>(List<T> rows, long total) {
  /** Keeps an unmodifiable copy of the rows. */
  public CountedPage {
    rows = List.copyOf(rows);
  }
}
