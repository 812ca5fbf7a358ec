package dev.shardwright.rebalance.internal.table;

import dev.shardwright.ShardException;
import dev.shardwright.topology.TableName;

/** A table's rows cannot be moved as the table is; the message says what to change. */
public final class UnfitTable extends ShardException {
  UnfitTable(TableName table, String reason) {
    super("rows of table %s cannot be moved: %s".formatted(table, reason), null);
  }
}
