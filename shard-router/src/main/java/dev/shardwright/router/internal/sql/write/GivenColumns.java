package dev.shardwright.router.internal.sql.write;

import dev.shardwright.topology.TableName;
import java.util.Set;

/**
 * For which columns a write gives the values of new rows itself. Of the others each shard works the
 * default out for itself.
 *
 * @param table that is written to
 * @param columns as the catalog spells them; empty if they are not listed, or not known for certain
 */
public record GivenColumns(TableName table, Set<String> columns) {
  public GivenColumns {
    columns = Set.copyOf(columns);
  }
}
