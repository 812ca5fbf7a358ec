package dev.shardwright.examples.quickstart;

import dev.shardwright.examples.quickstart.Dataset.CheckedTable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Many rows for one table, grouped by the shard of their key, so that each shard gets them in
 * batches. Not thread-safe.
 */
final class ShardedLoad {
  private static final int BATCH = 1_000;

  private final ShardRouter router;
  private final Keyspace keyspace;
  private final String insert;
  private final CheckedTable table;
  private final Ledger ledger;
  private final Map<ShardId, List<Row>> waiting = new HashMap<>();

  ShardedLoad(
      ShardRouter router, Keyspace keyspace, CheckedTable table, String insert, Ledger ledger) {
    this.router = router;
    this.keyspace = keyspace;
    this.table = table;
    this.insert = insert;
    this.ledger = ledger;
  }

  /** Adds a row; it may be written later. */
  void add(long key, String primaryKey, @Nullable Object... values) throws SQLException {
    ShardId shard = router.route(keyspace.name(), key).shard();
    List<Row> rows = waiting.computeIfAbsent(shard, id -> new ArrayList<>(BATCH));
    rows.add(new Row(primaryKey, Arrays.asList(values)));
    if (rows.size() == BATCH) {
      write(shard, rows);
    }
  }

  /** Writes what is left. */
  void finish() throws SQLException {
    for (Map.Entry<ShardId, List<Row>> rows : waiting.entrySet()) {
      write(rows.getKey(), rows.getValue());
    }
  }

  private void write(ShardId shard, List<Row> rows) throws SQLException {
    try (Connection connection = router.shard(shard.value()).connection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(insert)) {
        for (Row row : rows) {
          int column = 1;
          for (Object value : row.values) {
            statement.setObject(column++, value);
          }
          statement.addBatch();
        }
        statement.executeBatch();
      }
      connection.commit();
    }
    rows.forEach(row -> ledger.inserted(table, row.primaryKey));
    rows.clear();
  }

  private record Row(String primaryKey, List<@Nullable Object> values) {}
}
