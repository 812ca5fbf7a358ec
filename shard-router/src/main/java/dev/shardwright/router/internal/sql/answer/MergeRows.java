package dev.shardwright.router.internal.sql.answer;

import dev.shardwright.router.internal.sql.scan.SqlText;
import java.util.List;
import java.util.Optional;

/**
 * The shards' rows are the answer's rows: interleaved in their order, without doubles, cut. In
 * constant memory.
 *
 * @param part what each shard runs; ordered by {@code order}, and cut to limit + offset rows where
 *     there is a limit
 * @param hidden how many of its columns, the last ones, the caller does not see
 * @param order the order; empty if any will do
 * @param distinct whether a row that is equal to the one before it in every key of {@code order} is
 *     left out; {@code order} then covers all visible columns
 * @param cut which of the rows
 * @param withoutCollations the same without the columns that tell collations, for where no key is
 *     text; empty if there are no such columns
 */
public record MergeRows(
    SqlText part,
    int hidden,
    List<SortKey> order,
    boolean distinct,
    Cut cut,
    Optional<MergeRows> withoutCollations)
    implements Answer {
  public MergeRows {
    order = List.copyOf(order);
  }

  /** One that asks for no collations. */
  public MergeRows(SqlText part, int hidden, List<SortKey> order, boolean distinct, Cut cut) {
    this(part, hidden, order, distinct, cut, Optional.empty());
  }
}
