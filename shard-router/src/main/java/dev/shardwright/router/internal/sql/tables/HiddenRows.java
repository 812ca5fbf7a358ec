package dev.shardwright.router.internal.sql.tables;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The rows on one shard that are copies or left-overs of range moves: statements that name no key
 * must not see them, since the same rows are on another shard too. Immutable.
 *
 * @param tables those of which some rows are hidden
 */
public record HiddenRows(SortedMap<TableName, Tokens> tables) {
  /** All rows are seen. */
  public static final HiddenRows NONE = new HiddenRows(ImmutableSortedMap.of());

  public HiddenRows {
    tables = ImmutableSortedMap.copyOf(tables);
  }

  /**
   * The hidden rows of one table.
   *
   * @param column its sharding key
   */
  public record Tokens(
      String column, Strategy strategy, Optional<KeyType> keyType, KeyRangeSet hidden) {}

  /** What is hidden on that shard. */
  public static HiddenRows on(ShardId shard, Topology topology) {
    if (topology.movesOf(shard).isEmpty()) {
      return NONE;
    }
    SortedMap<TableName, Tokens> tables = new TreeMap<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      KeyRangeSet hidden = topology.hiddenOn(keyspace.name(), shard);
      if (!hidden.isEmpty()) {
        for (ShardedTable table : keyspace.tables().values()) {
          table
              .keyColumn()
              .map(key -> new Tokens(key, keyspace.strategy(), keyspace.keyType(), hidden))
              .ifPresent(tokens -> tables.put(table.name(), tokens));
        }
      }
    }
    return tables.isEmpty() ? NONE : new HiddenRows(tables);
  }

  public boolean isEmpty() {
    return tables.isEmpty();
  }

  /**
   * The condition that the rows of a table have to meet to be seen.
   *
   * @param row what to write before a column's name: empty, or a name for the row and a dot
   * @return SQL; empty if all rows are seen
   */
  public Optional<String> condition(TableName table, String row) {
    return Optional.ofNullable(tables.get(table)).map(tokens -> seen(tokens, row));
  }

  private static String seen(Tokens tokens, String row) {
    String column = row + '"' + tokens.column().replace("\"", "\"\"") + '"';
    return TokenFunctions.of(tokens.strategy(), tokens.keyType())
        .sqlCondition(column, tokens.hidden().complement());
  }
}
