package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.ShardException;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.topology.TableName;
import java.util.Collection;
import java.util.List;

/** Rows are not the same on both sides, though they were just copied. */
public final class RowsDiffer extends ShardException {
  private static final int MOST_NAMED = 10;

  private final List<RowKey> keys;

  RowsDiffer(TableName table, Collection<RowKey> keys) {
    super(
        "table %s: %s rows differ between the two sides after they were copied, for example %s"
            .formatted(table, keys.size(), keys.stream().limit(MOST_NAMED).toList()),
        null);
    this.keys = List.copyOf(keys);
  }

  /** The primary keys of the rows. */
  public List<RowKey> keys() {
    return keys;
  }
}
