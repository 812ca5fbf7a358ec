package dev.shardwright.admin;

import dev.shardwright.internal.schema.IndexedOrder;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The index that lets rows be found by token: without it, moving them reads the whole table. */
final class TokenIndex {
  private static final String PRIMARY_KEY =
      "select a.attname from pg_index i, unnest((i.indkey::int2[])[0:i.indnkeyatts - 1])"
          + " with ordinality k (attnum, place) join pg_attribute a using (attnum)"
          + " where i.indrelid = ?::regclass and i.indisprimary and a.attrelid = i.indrelid"
          + " order by k.place";

  private TokenIndex() {}

  /** How to make the index; empty if there is one. */
  static Optional<String> advice(
      Connection connection, KeyspaceTopology keyspace, TableName name, String key)
      throws SQLException {
    String table = SqlText.table(name);
    String order = order(keyspace, primaryKey(connection, table), SqlText.identifier(key));
    return IndexedOrder.isThere(connection, table, order)
        ? Optional.empty()
        : Optional.of(
            "rows of %s are found by token faster with: %s"
                .formatted(name, IndexedOrder.creation(connection, table, order)));
  }

  /**
   * The order in which moves read a table: by token, and by primary key among rows of one token,
   * which there are not where the key is all of it. Ranges of a {@code RANGE} keyspace are compared
   * with the column itself.
   */
  private static String order(KeyspaceTopology keyspace, List<String> primaryKey, String key) {
    if (keyspace.strategy() == Strategy.RANGE) {
      return key;
    }
    String token = TokenFunctions.of(keyspace.strategy(), keyspace.keyType()).sqlToken(key);
    return primaryKey.size() == 1
        ? "(" + token + ")"
        : "(" + token + "), " + String.join(", ", primaryKey);
  }

  private static List<String> primaryKey(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PRIMARY_KEY)) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> columns = new ArrayList<>();
        while (rows.next()) {
          columns.add(SqlText.identifier(rows.getString(1)));
        }
        return columns;
      }
    }
  }
}
