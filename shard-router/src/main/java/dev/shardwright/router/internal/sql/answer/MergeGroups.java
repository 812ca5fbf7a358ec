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
 * @param order the order of the answer, over visible or hidden columns; empty if any will do
 * @param cut which of the merged rows
 */
public record MergeGroups(
    SqlText part, List<SortKey> groups, List<Fold> columns, List<SortKey> order, Cut cut)
    implements Answer {
  public MergeGroups {
    groups = List.copyOf(groups);
    columns = List.copyOf(columns);
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
    BIT_XOR
  }
}
