package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A column of a table's primary key.
 *
 * @param name as the catalog has it
 * @param type its type, and its collation where it has one, in SQL
 */
record KeyColumn(String name, String type) {
  private static final String FIND =
      """
      select a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(
          ' collate ' || quote_ident(n.nspname) || '.' || quote_ident(c.collname), '')
        from pg_index i
        cross join unnest(i.indkey::int2[]) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        left join pg_collation c on c.oid = a.attcollation
        left join pg_namespace n on n.oid = c.collnamespace
        where i.indrelid = ?::regclass and i.indisprimary and k.place <= i.indnkeyatts
        order by k.place
      """;

  /** Those of a table, in the key's order; none if it has no primary key. */
  static List<KeyColumn> of(Connection connection, TableName table) throws SQLException {
    List<KeyColumn> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(new KeyColumn(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return columns;
  }

  String of(String row) {
    return row + "." + SqlText.identifier(name);
  }
}
