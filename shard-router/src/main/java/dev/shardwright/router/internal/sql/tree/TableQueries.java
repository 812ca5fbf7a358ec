package dev.shardwright.router.internal.sql.tree;

import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.TableStatement;

/**
 * Reads {@code TABLE t} as what it is short for: {@code SELECT * FROM t}. Within other statements
 * the parser does not know it.
 */
final class TableQueries {
  private TableQueries() {}

  /** The tree, spelled out if it is such a query. */
  static Statement spelledOut(Statement tree) {
    return tree instanceof TableStatement table ? select(table) : tree;
  }

  private static PlainSelect select(TableStatement table) {
    PlainSelect select = new PlainSelect(table.getTable()); // which selects *
    select.setWithItemsList(table.getWithItemsList());
    select.setOrderByElements(table.getOrderByElements());
    select.setLimit(table.getLimit());
    select.setOffset(table.getOffset());
    select.setFetch(table.getFetch());
    select.setForMode(table.getForMode());
    return select;
  }
}
