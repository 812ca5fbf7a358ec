package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tables that have a gate of a migration, whatever they are called by now. */
public final class GatedTables {
  private static final String FIND =
      """
      select substring(f.proname from '[0-9]+$')::int4, n.nspname, c.relname
        from pg_trigger t join pg_proc f on f.oid = t.tgfoid
        join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where t.tgname = ? and t.tgparentid = 0
          and f.pronamespace = 'shardwright'::regnamespace
      """;

  private GatedTables() {}

  /** Their names, by the numbers that they have in the migration. */
  public static SortedMap<Integer, TableName> find(Connection connection, int migration)
      throws SQLException {
    SortedMap<Integer, TableName> tables = new TreeMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, ObjectNames.gateTrigger(migration));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.put(rows.getInt(1), new TableName(rows.getString(2), rows.getString(3)));
        }
      }
    }
    return tables;
  }
}
