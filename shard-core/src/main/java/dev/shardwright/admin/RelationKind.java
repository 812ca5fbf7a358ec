package dev.shardwright.admin;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Whether a relation is a table that keeps its rows by itself, and after a crash too. */
final class RelationKind {
  private static final String RELATION =
      "select relkind::text, relispartition, relpersistence::text, exists (select from pg_inherits"
          + " where inhparent = c.oid and c.relkind = 'r'),"
          + " (select min(p.relid::regclass::text) from pg_partition_tree(c.oid) p"
          + " join pg_class t on t.oid = p.relid"
          + " where t.relkind not in ('r', 'p') or t.relpersistence <> 'p')"
          + " from pg_class c where oid = ?::regclass";

  private RelationKind() {}

  /** Why it cannot be registered, and the remedy; empty if it can. */
  static Optional<String> problem(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RELATION)) {
      statement.setString(1, SqlText.table(table));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String kind = row.getString(1);
        if (!kind.equals("r") && !kind.equals("p")) {
          return Optional.of(
              "it is no table (relkind %s): only tables and partitioned tables can be registered"
                  .formatted(kind));
        }
        if (row.getBoolean(2)) {
          return Optional.of("it is a partition: register the partitioned table");
        }
        if (!row.getString(3).equals("p")) {
          return Optional.of(
              "it is unlogged or temporary: it would not survive a crash; run alter table … set logged");
        }
        if (row.getBoolean(4)) {
          return Optional.of(
              "other tables inherit from it, and have rows of their own: use partitions");
        }
        return Optional.ofNullable(row.getString(5))
            .map(
                partition ->
                    "its partition %s is unlogged, or no table: it would not survive a crash, or is elsewhere"
                        .formatted(partition));
      }
    }
  }
}
