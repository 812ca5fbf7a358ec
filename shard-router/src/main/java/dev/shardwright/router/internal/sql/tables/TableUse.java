package dev.shardwright.router.internal.sql.tables;

import dev.shardwright.topology.TableName;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.jspecify.annotations.Nullable;

/**
 * One place where a query names a registered table.
 *
 * @param node where in the tree
 * @param table which table
 * @param kind how its rows are spread
 * @param block the query block whose FROM names it
 * @param nullable whether an outer join may put NULLs in the place of its rows
 * @param keyColumn its sharding key, which its primary key contains; null unless it is sharded
 */
public record TableUse(
    Table node,
    TableName table,
    Kind kind,
    PlainSelect block,
    boolean nullable,
    @Nullable String keyColumn) {
  /** Whether its columns are called by other names than the table's. */
  public boolean hasColumnAliases() {
    Alias alias = node.getAlias();
    return alias != null && alias.getAliasColumns() != null && !alias.getAliasColumns().isEmpty();
  }

  public enum Kind {
    SHARDED,
    REFERENCE,
    SINGLE
  }
}
