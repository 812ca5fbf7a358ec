package dev.shardwright.router.internal.sql.tables;

import dev.shardwright.topology.TableName;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.PlainSelect;

/**
 * One place where a query names a registered table.
 *
 * @param node where in the tree
 * @param table which table
 * @param kind how its rows are spread
 * @param block the query block whose FROM names it
 * @param nullable whether an outer join may put NULLs in the place of its rows
 */
public record TableUse(
    Table node, TableName table, Kind kind, PlainSelect block, boolean nullable) {
  public enum Kind {
    SHARDED,
    REFERENCE,
    SINGLE
  }
}
