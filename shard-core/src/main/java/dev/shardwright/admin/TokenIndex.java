package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The index that lets rows be found by token: without it, moving them reads the whole table. */
final class TokenIndex {
  private static final Pattern FUNCTION = Pattern.compile("pg_catalog\\.(\\w+)\\(");
  private static final String FIRST_COLUMNS =
      "select pg_get_indexdef(indexrelid, 1, false), quote_ident(?) from pg_index"
          + " where indrelid = ?::regclass and indisvalid and indpred is null";

  private TokenIndex() {}

  /** How to make the index; empty if there is one. */
  static Optional<String> advice(
      Connection connection, KeyspaceTopology keyspace, TableName table, String key)
      throws SQLException {
    String column = SqlText.identifier(key);
    String token =
        keyspace.strategy() == Strategy.RANGE
            ? column
            : "("
                + TokenFunctions.of(keyspace.strategy(), keyspace.keyType()).sqlToken(column)
                + ")";
    return exists(connection, table, key, token)
        ? Optional.empty()
        : Optional.of(
            "rows of %s are found by token faster with: create index concurrently on %s (%s)"
                .formatted(table, SqlText.table(table), token));
  }

  /** An index on the function of the token counts if it names the key column. */
  private static boolean exists(Connection connection, TableName table, String key, String token)
      throws SQLException {
    Matcher function = FUNCTION.matcher(token);
    String begin = function.find() ? function.group(1) + "(" : "";
    try (PreparedStatement statement = connection.prepareStatement(FIRST_COLUMNS)) {
      statement.setString(1, key);
      statement.setString(2, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String indexed = rows.getString(1);
          String column = rows.getString(2);
          if (begin.isEmpty()
              ? indexed.equals(column)
              : indexed.startsWith(begin) && indexed.contains(column)) {
            return true;
          }
        }
        return false;
      }
    }
  }
}
