package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The columns of a table whose defaults differ from shard to shard. */
final class Defaults {
  /**
   * Numbers of sequences, and whatever calls a function that is not immutable. The catalog has no
   * list of the functions that a default calls, but its tree names each by its OID.
   */
  private static final String CHANGING =
      """
      select a.attname
        from pg_catalog.pg_attribute a
        join pg_catalog.pg_class c on c.oid = a.attrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped
         and a.attgenerated = ''
         and (a.attidentity <> ''
              or d.adbin::text ~ '[{](SQLVALUEFUNCTION|NEXTVALUEEXPR|COERCEVIAIO)'
              or exists (select from pg_catalog.regexp_matches(
                                       d.adbin::text, ':(?:func|opfunc)id ([0-9]+)', 'g') as m
                           join pg_catalog.pg_proc p on p.oid = m[1]::oid
                          where p.provolatile <> 'i'))
       order by a.attnum
      """;

  private Defaults() {}

  /**
   * Refuses a write that leaves such a column to each shard.
   *
   * @param given the columns whose values it gives
   * @param changing as {@link #read} gives them
   * @throws SqlRefused naming the columns
   */
  static void check(TableName table, Set<String> given, List<String> changing) {
    List<String> missing = new ArrayList<>(changing);
    missing.removeAll(given);
    if (!missing.isEmpty()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          ("over several shards: each would work out a default of its own for %s of %s, which all"
                  + " have to hold alike: list the columns, and give the values")
              .formatted(String.join(", ", missing), table));
    }
  }

  static List<String> read(Connection connection, TableName table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(CHANGING)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(rows.getString(1));
        }
      }
    }
    return columns;
  }
}
