package dev.shardwright.internal.schema;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.TableName;
import java.util.Optional;

/**
 * Rows of one table on one shard that stand in the way of a change.
 *
 * @param table the table
 * @param shard where the rows are
 * @param count how many; 0 if the way is free
 * @param exampleKey the sharding key of one of them, as text; empty if there is none or the table
 *     has no sharding key
 */
public record RowsInTheWay(
    TableName table, ShardId shard, long count, Optional<String> exampleKey) {

  /** Whether there is such a row. */
  public boolean any() {
    return count > 0;
  }

  @Override
  public String toString() {
    return "%d rows of %s on shard %s%s"
        .formatted(
            count, table, shard, exampleKey.map(key -> ", one with key '" + key + "'").orElse(""));
  }
}
