package dev.shardwright.internal.schema;

import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Looks whether a database has a table. */
public final class TablePresence {
  private static final String FIND =
      "select c.relkind in ('r', 'p') from pg_class c join pg_namespace n on n.oid = c.relnamespace"
          + " where n.nspname = ? and c.relname = ?";

  private TablePresence() {}

  /** Whether there is a relation of that name, be it a view. */
  public static boolean isThere(Connection connection, TableName table) throws SQLException {
    return find(connection, table).isPresent();
  }

  /** Whether there is a table of that name, partitioned or not. */
  public static boolean isTable(Connection connection, TableName table) throws SQLException {
    return find(connection, table).orElse(false);
  }

  private static Optional<Boolean> find(Connection connection, TableName table)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getBoolean(1)) : Optional.empty();
      }
    }
  }
}
