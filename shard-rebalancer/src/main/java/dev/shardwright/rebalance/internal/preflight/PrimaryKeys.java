package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.internal.table.MovingColumn;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.rebalance.internal.table.UnfitTable;
import java.sql.SQLException;

/**
 * The tables have a primary key, by which rows are told apart and logged before they are written,
 * and the sharding key is in it: so rows of different shards never have the same. The target's keys
 * are compared with the source's.
 */
final class PrimaryKeys implements Check {
  @Override
  public String name() {
    return "primary keys";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    try {
      for (MovingTable table : MovingTables.read(move.source().session(), move.keyspace())) {
        look(move.source(), table, findings);
      }
    } catch (UnfitTable e) {
      findings.block(
          "%s: %s".formatted(move.source(), e.getMessage()),
          "give it a primary key of built-in types, none of them generated, that contains the sharding key");
    }
  }

  private static void look(Side side, MovingTable table, Findings findings) {
    table
        .definition()
        .keyColumn()
        .filter(key -> table.key().stream().map(MovingColumn::name).noneMatch(key::equals))
        .ifPresent(
            key ->
                findings.block(
                    "%s: the primary key (%s) of table %s does not contain the sharding key %s"
                        .formatted(side, table.keyList(), table.name(), key),
                    "make %s a part of the primary key".formatted(key)));
  }
}
