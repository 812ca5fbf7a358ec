package dev.shardwright.router.internal.sql.keys;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of a query show.
 *
 * @param columns those known, in order
 * @param known how many of the columns, from the first, are at their places; beyond there may be
 *     others between them
 * @param open whether there may be columns besides these
 * @param anchors keys of rows such that the query of the rows of one key gives the rows of the
 *     query that are of that key; shown or not
 */
record Output(List<Shown> columns, int known, boolean open, List<KeyColumn> anchors) {
  /** Of which nothing is known. */
  static final Output UNKNOWN = new Output(List.of(), 0, true, List.of());

  /**
   * @param name null if it has one that is not known
   * @param column the key column whose values are shown; null if it is none
   * @param filters whether leaving out rows by this column gives the same before the query as after
   */
  record Shown(@Nullable String name, @Nullable KeyColumn column, boolean filters) {}

  Output {
    columns = List.copyOf(columns);
    anchors = List.copyOf(anchors);
  }

  /** The column at that place, from 0; null if it is not known. */
  @Nullable Shown at(int place) {
    return place < known ? columns.get(place) : null;
  }

  /** The names of all columns; null if they are not known. */
  @Nullable Set<String> names() {
    Set<String> names = new HashSet<>();
    for (Shown shown : columns) {
      if (shown.name() == null) {
        return null;
      }
      names.add(shown.name());
    }
    return open ? null : names;
  }

  /** With other names for the first columns. */
  Output renamed(List<String> names) {
    if (names.isEmpty()) {
      return this;
    }
    if (names.size() > known) {
      return UNKNOWN.anchoredBy(anchors);
    }
    List<Shown> renamed = new ArrayList<>(columns);
    for (int i = 0; i < names.size(); i++) {
      Shown shown = columns.get(i);
      renamed.set(i, new Shown(names.get(i), shown.column(), shown.filters()));
    }
    return new Output(renamed, known, open, anchors);
  }

  /** Seen where no row can be left out before the query: by a LIMIT, for instance. */
  Output whole() {
    List<Shown> shown =
        columns.stream().map(each -> new Shown(each.name(), each.column(), false)).toList();
    return new Output(shown, known, open, List.of());
  }

  private Output anchoredBy(List<KeyColumn> others) {
    return new Output(columns, known, open, others);
  }
}
