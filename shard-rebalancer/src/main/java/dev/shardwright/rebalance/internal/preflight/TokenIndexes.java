package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.internal.table.MovingColumn;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.ring.Strategy;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** Rows are found by token without reading the whole table. */
final class TokenIndexes implements Check {
  private static final String LEAVES =
      "select c.oid::regclass::text from %s join pg_class c on c.oid = p.relid"
              .formatted(Relations.SQL)
          + " where c.relkind <> 'p' order by 1";

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
    return RowOrder.isIndexed(
        side.session(),
        table,
        strategy == Strategy.RANGE ? column : table.tokens().sqlToken(column));
  }

  private static void look(Side side, MovingTable table, String order, Findings findings)
      throws SQLException {
    if (!RowOrder.isIndexed(side.session(), table, order)) {
      List<String> leaves = side.rows(LEAVES, row -> row.getString(1), table.sql());
      findings.warn(
          "%s: table %s has no index in the order of the tokens: to find rows of the ranges, all of it is read"
              .formatted(side, table.name()),
          leaves.stream()
              .map(leaf -> "create index concurrently on %s (%s)".formatted(leaf, order))
              .collect(Collectors.joining("; ")));
    }
  }

  /** Ranges of a {@code RANGE} keyspace are compared with the column itself. */
  private static String order(Strategy strategy, MovingTable table, MovingColumn key) {
    return strategy == Strategy.RANGE ? key.sql() : RowOrder.byToken(table).indexed();
  }
}
