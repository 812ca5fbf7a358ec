package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.TableName;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * A foreign key; partitions are named by the partitioned table.
 *
 * @param name its name, quoted
 * @param from the table that refers
 * @param to the table that is referred to
 * @param columns those of {@code from}
 * @param referenced those of {@code to}, each beside its own
 * @param changesData whether it changes rows of {@code from} when one of {@code to} changes
 */
record ForeignKey(
    String name,
    TableName from,
    TableName to,
    List<String> columns,
    List<String> referenced,
    boolean changesData) {
  private static final String FIND =
      """
      select quote_ident(k.conname) as name, fn.nspname as from_schema, f.relname as from_table,
          tn.nspname as to_schema, t.relname as to_table,
          array(select a.attname::text from unnest(k.conkey) with ordinality u (num, place)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num
            order by u.place) as columns,
          array(select a.attname::text from unnest(k.confkey) with ordinality u (num, place)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num
            order by u.place) as referenced,
          k.confdeltype not in ('a', 'r') or k.confupdtype not in ('a', 'r') as changes_data
        from pg_constraint k
        join pg_class f on f.oid = coalesce(pg_partition_root(k.conrelid), k.conrelid)
        join pg_namespace fn on fn.oid = f.relnamespace
        join pg_class t on t.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
        join pg_namespace tn on tn.oid = t.relnamespace
        where k.contype = 'f' and k.conparentid = 0
        and %s in (select relid from %s)
        order by 2, 3, 1
      """;

  /** The foreign keys of a table. */
  static List<ForeignKey> from(Side side, TableName table) throws SQLException {
    return side.rows(
        FIND.formatted("k.conrelid", Relations.SQL), ForeignKey::read, SqlText.table(table));
  }

  /** The foreign keys that refer to a table. */
  static List<ForeignKey> to(Side side, TableName table) throws SQLException {
    return side.rows(
        FIND.formatted("k.confrelid", Relations.SQL), ForeignKey::read, SqlText.table(table));
  }

  /** Whether rows that refer to each other have the same values in these two columns. */
  boolean pairs(String column, String other) {
    int place = columns.indexOf(column);
    return place >= 0 && referenced.get(place).equals(other);
  }

  private static ForeignKey read(ResultSet row) throws SQLException {
    return new ForeignKey(
        row.getString("name"),
        new TableName(row.getString("from_schema"), row.getString("from_table")),
        new TableName(row.getString("to_schema"), row.getString("to_table")),
        texts(row.getArray("columns")),
        texts(row.getArray("referenced")),
        row.getBoolean("changes_data"));
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
