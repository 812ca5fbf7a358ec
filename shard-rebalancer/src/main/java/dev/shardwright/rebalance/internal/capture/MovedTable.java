package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;

/**
 * A table whose rows move, and the SQL by which its triggers know them. Every name and operator is
 * qualified: the triggers mean the same under any search_path.
 *
 * @param number its number within the migration
 * @param definition which table, and which column holds the sharding key
 * @param tokens turns sharding keys into tokens
 */
public record MovedTable(int number, ShardedTable definition, TokenFunction tokens) {
  /** Schema and name. */
  public TableName name() {
    return definition.name();
  }

  /**
   * Whether a trigger's row is in the ranges; of an absent row, false. Without sharding key every
   * row that is there is.
   *
   * @param row {@code old} or {@code new}
   */
  String inRanges(String row, KeyRangeSet ranges) {
    return definition
        .keyColumn()
        .map(
            key ->
                "((%s operator(pg_catalog.<@) %s::pg_catalog.int8multirange) is true)"
                    .formatted(token(row, key), SqlText.literal(SqlText.multirange(ranges))))
        .orElse(
            "(tg_op operator(pg_catalog.<>) '%s')"
                .formatted(row.equals("old") ? "INSERT" : "DELETE"));
  }

  /** The token of a trigger's row; null without sharding key. */
  String token(String row) {
    return definition.keyColumn().map(key -> token(row, key)).orElse("null");
  }

  private String token(String row, String key) {
    return tokens.sqlToken(row + "." + SqlText.identifier(key));
  }
}
