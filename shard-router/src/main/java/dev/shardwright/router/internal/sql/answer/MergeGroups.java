package dev.shardwright.router.internal.sql.answer;

import dev.shardwright.router.internal.sql.scan.SqlText;
import java.util.List;

/**
 * Each shard gives its groups in the order of their keys; groups of the same key become one by
 * merging their aggregates. In constant memory, unless the answer has an order of its own.
 *
 * @param part what each shard runs, ordered by {@code groups}
 * @param groups the keys of the groups; empty where the whole answer is one group
 * @param columns what becomes of each visible column, which come first in the shard's row
 * @param averages where the columns of {@link Fold#AVERAGE} come from
 * @param order the order of the answer, over visible or hidden columns; empty if any will do
 * @param cut which of the merged rows
 */
public record MergeGroups(
    SqlText part,
    List<SortKey> groups,
    List<Fold> columns,
    List<Average> averages,
    List<SortKey> order,
    Cut cut)
    implements Answer {
  public MergeGroups {
    groups = List.copyOf(groups);
    columns = List.copyOf(columns);
    averages = List.copyOf(averages);
    order = List.copyOf(order);
  }

  /** How the values that a column has in the same group on several shards become one. */
  public enum Fold {
    /** The value is the same on all. */
    SAME,
    /** {@code count}: a {@code bigint} that is added up. */
    COUNT,
    SUM,
    MIN,
    MAX,
    BOOL_AND,
    BOOL_OR,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    /** The {@code numeric} that PostgreSQL divides an average of. */
    EXACT_SUM,
    /** A {@code numeric} average; it follows from others once these are merged. */
    AVERAGE
  }

  /**
   * Columns of an average, from 1.
   *
   * @param column shows it
   * @param sums the sum of the shard's values, hidden
   * @param counts how many they are, hidden
   */
  public record Average(int column, int sums, int counts) {}

  /** What becomes of a column, from 1, visible or hidden. */
  public Fold fold(int column) {
    if (column <= columns.size()) {
      return columns.get(column - 1);
    }
    for (Average average : averages) {
      if (column == average.sums()) {
        return Fold.EXACT_SUM;
      }
      if (column == average.counts()) {
        return Fold.COUNT;
      }
    }
    return Fold.SAME;
  }
}
