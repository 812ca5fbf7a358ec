package dev.shardwright.topology;

import java.util.Optional;

/**
 * A table whose rows are placed by a sharding key, or a plain table of a keyspace of strategy
 * {@code SINGLE}.
 *
 * @param name which table
 * @param keyColumn the column that holds the sharding key; empty in a keyspace of strategy {@code
 *     SINGLE}, and only there
 * @param regionColumn the column that holds the region; present if the keyspace has regions, and
 *     only then
 */
public record ShardedTable(
    TableName name, Optional<String> keyColumn, Optional<String> regionColumn) {

  /** A table of a keyspace without regions. */
  public static ShardedTable of(TableName name, String keyColumn) {
    return new ShardedTable(name, Optional.of(keyColumn), Optional.empty());
  }

  /** The same by another name. */
  public ShardedTable withName(TableName other) {
    return new ShardedTable(other, keyColumn, regionColumn);
  }
}
