package dev.shardwright.rebalance.internal.table;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.TablePresence;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads what the tables of a range move look like. Relies on a search_path of pg_catalog. */
public final class MovingTables {
  /**
   * Domains are seen through. Types that came with the server ({@code oid < 16384}) contain only
   * such; those that name objects by id ({@code regclass} and the like) are not portable.
   */
  private static final String COLUMNS =
      """
      with recursive base (attnum, id) as (
        select attnum, atttypid from pg_attribute
          where attrelid = to_regclass(?) and attnum > 0 and not attisdropped and attgenerated = ''
        union all
        select b.attnum, t.typbasetype from base b join pg_type t on t.oid = b.id
          where t.typtype = 'd'
      )
      select a.attname, format_type(a.atttypid, -1),
          case
            when t.oid < 16384 and t.typname in ('int2', 'int4', 'int8', 'bool', 'uuid', 'bytea',
              'date', 'timestamp', 'timestamptz') then 'VALUE'
            when t.oid < 16384 and t.typname = 'numeric' then 'VALUE_AND_SCALE'
            else 'TEXT'
          end as identity,
          t.typtype = 'e' or t.oid < 16384 and t.typsend <> 0 and t.typreceive <> 0
            and t.typname !~ '^_?reg' as portable,
          t.typlen,
          array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum) as place
        from base b
        join pg_attribute a on a.attrelid = to_regclass(?) and a.attnum = b.attnum
        join pg_type t on t.oid = b.id and t.typtype <> 'd'
        left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
        order by a.attnum
      """;

  /** Rows are walked through in the order of these operators, which must be found by name. */
  private static final String FOREIGN_ORDERS =
      """
      select from pg_index i, unnest(i.indclass) c (id) join pg_opclass o on o.oid = c.id
        where i.indrelid = to_regclass(?) and i.indisprimary
        and o.opcnamespace <> 'pg_catalog'::regnamespace
      """;

  /**
   * Their values are not known yet when a gate logs the key of a row that is about to be written.
   */
  private static final String GENERATED_KEYS =
      """
      select from pg_index i join pg_attribute a on a.attrelid = i.indrelid
          and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
        where i.indrelid = to_regclass(?) and i.indisprimary and a.attgenerated <> ''
      """;

  private MovingTables() {}

  /**
   * The tables of a keyspace, numbered in the order of their names.
   *
   * @throws UnfitTable if one cannot be moved, or is not there
   */
  public static List<MovingTable> read(Connection connection, KeyspaceTopology keyspace)
      throws SQLException {
    List<MovingTable> tables = new ArrayList<>();
    for (ShardedTable table : keyspace.tables().values()) {
      tables.add(read(connection, keyspace, table, tables.size() + 1));
    }
    return List.copyOf(tables);
  }

  /**
   * The same without those that were dropped, and those that were renamed by the names that they
   * have now: for what is about all rows that came, and needs no more than these.
   *
   * @param gated what they are called now, by number, as far as that is known
   * @throws UnfitTable if one that is there cannot be moved
   */
  public static List<MovingTable> readPresent(
      Connection connection, KeyspaceTopology keyspace, Map<Integer, TableName> gated)
      throws SQLException {
    List<MovingTable> tables = new ArrayList<>();
    int number = 0;
    for (ShardedTable table : keyspace.tables().values()) {
      number++;
      TableName name = gated.getOrDefault(number, table.name());
      if (TablePresence.isTable(connection, name)) {
        tables.add(read(connection, keyspace, table.withName(name), number));
      }
    }
    return List.copyOf(tables);
  }

  /**
   * The same without those that were dropped, but not without those that were renamed: for what
   * must end, and loses no rows.
   *
   * @param gated what they are called now, by number
   * @throws UnfitTable if one that is there cannot be moved, or was renamed
   */
  public static List<MovingTable> readUndropped(
      Connection connection, KeyspaceTopology keyspace, Map<Integer, TableName> gated)
      throws SQLException {
    int number = 0;
    for (ShardedTable table : keyspace.tables().values()) {
      number++;
      TableName name = gated.getOrDefault(number, table.name());
      if (!name.equals(table.name())) {
        throw new UnfitTable(table.name(), "it is called %s now: rename it back".formatted(name));
      }
    }
    return readPresent(connection, keyspace, gated);
  }

  private static MovingTable read(
      Connection connection, KeyspaceTopology keyspace, ShardedTable table, int number)
      throws SQLException {
    List<MovingColumn> columns = new ArrayList<>();
    Map<Integer, MovingColumn> key = new TreeMap<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, SqlText.table(table.name()));
      statement.setString(2, SqlText.table(table.name()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          MovingColumn column =
              new MovingColumn(
                  rows.getString("attname"),
                  rows.getString("format_type"),
                  MovingColumn.Identity.valueOf(rows.getString("identity")),
                  rows.getBoolean("portable"),
                  rows.getInt("typlen"));
          columns.add(column);
          int place = rows.getInt("place");
          if (!rows.wasNull()) {
            key.put(place, column);
          }
        }
      }
    }
    if (!TablePresence.isTable(connection, table.name())) {
      throw new UnfitTable(table.name(), "it is not there any more");
    }
    if (any(connection, GENERATED_KEYS, table.name())) {
      throw new UnfitTable(
          table.name(), "its primary key has a column that PostgreSQL generates from others");
    }
    if (key.isEmpty()) {
      throw new UnfitTable(table.name(), "it has no primary key, by which they are told apart");
    }
    if (any(connection, FOREIGN_ORDERS, table.name())) {
      throw new UnfitTable(
          table.name(), "its primary key has a column whose type and order come from an extension");
    }
    return new MovingTable(
        number, table, keyspace.tokenFunction(), columns, List.copyOf(key.values()));
  }

  private static boolean any(Connection connection, String query, TableName table)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }
}
