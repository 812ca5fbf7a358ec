package dev.shardwright.router.internal.sql.answer;

import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.TableName;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The rows that the query needs are copied from all shards into temporary tables on one shard's
 * primary, and the query runs there. Bounded by the number and size of the rows.
 *
 * @param copies the tables to be copied
 * @param last the query, in which the copied tables are in the schema {@code pg_temp}
 */
public record Gather(List<Copy> copies, SqlText last) implements Answer {
  public Gather {
    copies = List.copyOf(copies);
  }

  /**
   * Rows of one sharded table.
   *
   * @param table which; the temporary table has its name without the schema
   * @param columns names, as the catalog spells them: those of the table's columns that are among
   *     them are needed, besides its primary key; empty for all columns
   * @param condition an SQL condition on the table's columns, unqualified, that all needed rows
   *     meet
   */
  public record Copy(
      TableName table, Optional<SortedSet<String>> columns, Optional<SqlText> condition) {}
}
