package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * Tables are still what can be registered. Rows that were copied to an unlogged one are gone after
 * a crash, with those of the source removed by then; rows of a child are found by way of its
 * parent, but written without its triggers.
 */
final class TableKinds implements TableCheck {
  private static final String UNLOGGED =
      """
      select p.relid::regclass::text
        from %s join pg_class c on c.oid = p.relid where c.relpersistence <> 'p' order by 1
      """
          .formatted(Relations.SQL);

  private static final String CHILDREN =
      """
      select h.inhrelid::regclass::text
        from pg_class c join pg_inherits h on h.inhparent = c.oid
        where c.oid = ?::regclass and c.relkind = 'r' order by 1
      """;

  @Override
  public String name() {
    return "table kinds";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String name = SqlText.table(table.name());
    for (String unlogged : side.rows(UNLOGGED, row -> row.getString(1), name)) {
      findings.block(
          "%s: table %s is unlogged: its rows would not survive a crash".formatted(side, unlogged),
          "alter table %s set logged".formatted(unlogged));
    }
    for (String child : side.rows(CHILDREN, row -> row.getString(1), name)) {
      findings.block(
          "%s: table %s inherits from table %s: writes to it are not seen by the move"
              .formatted(side, child, table.name()),
          "alter table %s no inherit %s, or use partitions".formatted(child, name));
    }
  }
}
