package dev.shardwright.router;

import java.util.List;
import java.util.Optional;

/**
 * One page of a query's rows.
 *
 * @param rows in their order
 * @param next the cursor for the page after this one; empty if this is the last. It may be shown to
 *     users and come back from them: it holds the keys of the last row, readable, and fits its own
 *     query only
 * @param <T> the rows
 */
public record KeysetPage<T>(List<T> rows, Optional<String> next) {
  /** Keeps an unmodifiable copy of the rows. */
  public KeysetPage {
    rows = List.copyOf(rows);
  }
}
