package dev.shardwright.router.internal.sql.tables;

import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.statement.select.PlainSelect;

/**
 * Which parts of a query can be worked out on each shard by itself. The answer "no" is always safe:
 * it only costs speed.
 */
public interface Locality {
  /** All places where the query names a registered table, in all blocks. */
  List<TableUse> uses();

  /**
   * Whether FROM and WHERE of the block, subqueries in them and in its other clauses included, can
   * be evaluated on each shard by itself, so that the rows of all shards together are the block's
   * rows, each once, before grouping. True for tables that are joined on the sharding key, with
   * reference tables beside them; for derived tables and CTEs that are themselves local and keep
   * the key.
   */
  boolean isLocal(PlainSelect block);

  /**
   * Whether rows of the block in which this expression is equal are always on the same shard: it is
   * the sharding key of the block's rows, or a column that is equal to it. Groups, windows and
   * DISTINCT over such an expression are local too.
   */
  boolean isKey(PlainSelect block, Expression expression);
}
