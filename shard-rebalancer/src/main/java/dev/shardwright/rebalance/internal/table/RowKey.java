package dev.shardwright.rebalance.internal.table;

import java.util.List;

/**
 * The primary key of a row, in the text forms of its values: the same on every shard, which object
 * ids are not.
 *
 * @param values in the order of the primary key
 */
public record RowKey(List<String> values) {
  public RowKey {
    values = List.copyOf(values);
  }

  /** The key of these values. */
  public static RowKey of(String... values) {
    return new RowKey(List.of(values));
  }

  @Override
  public String toString() {
    return "(" + String.join(", ", values) + ")";
  }
}
