package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.IndexedOrder;
import dev.shardwright.rebalance.internal.table.MovingColumn;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.ring.Strategy;
import java.sql.SQLException;

/** Rows are found by token without reading the whole table. */
final class TokenIndexes implements Check {
  @Override
  public String name() {
    return "token indexes";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (MovingTable table : MovingTables.read(move.source().session(), move.keyspace())) {
      if (table.shardingKey().isPresent()) {
        String order = order(move.keyspace().strategy(), table, table.shardingKey().get());
        for (Side side : move.sides()) {
          look(side, table, order, findings);
        }
      }
    }
  }

  /** Whether the rows of a few ranges are found there without reading the whole table. */
  static boolean serve(Side side, Strategy strategy, MovingTable table) throws SQLException {
    if (table.shardingKey().isEmpty()) {
      return false;
    }
    String column = table.shardingKey().get().sql();
    return IndexedOrder.isThere(
        side.session(),
        table.sql(),
        strategy == Strategy.RANGE ? column : table.tokens().sqlToken(column));
  }

  private static void look(Side side, MovingTable table, String order, Findings findings)
      throws SQLException {
    if (!IndexedOrder.isThere(side.session(), table.sql(), order)) {
      findings.warn(
          "%s: table %s has no index in the order of the tokens: to find rows of the ranges, all of it is read"
              .formatted(side, table.name()),
          IndexedOrder.creation(side.session(), table.sql(), order));
    }
  }

  /** Ranges of a {@code RANGE} keyspace are compared with the column itself. */
  private static String order(Strategy strategy, MovingTable table, MovingColumn key) {
    return strategy == Strategy.RANGE ? key.sql() : RowOrder.byToken(table).indexed();
  }
}
