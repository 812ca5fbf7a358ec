package dev.shardwright.router.internal.scatter.finishing;

import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What of a table is copied.
 *
 * @param table its full name, quoted
 * @param temporary the full name of its copy, quoted
 * @param name the name of both without a schema, quoted
 * @param columns the columns that are copied, quoted, in their order
 * @param key the columns of its primary key, quoted; empty if it has none
 */
record TableShape(
    String table, String temporary, String name, List<String> columns, List<String> key) {
  /** A primary key that is checked late is nothing that PostgreSQL concludes from. */
  private static final String COLUMNS =
      """
      select a.attname, coalesce(array_position(k.conkey, a.attnum), 0)
        from pg_catalog.pg_attribute a
        left join pg_catalog.pg_constraint k
          on k.conrelid = a.attrelid and k.contype = 'p' and not k.condeferrable
       where a.attrelid = ?::regclass and a.attnum > 0 and not a.attisdropped
       order by a.attnum
      """;

  TableShape {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /** Asks a shard. */
  static TableShape of(Gather.Copy copy, Connection connection) throws SQLException {
    String name = quoted(copy.table().name());
    String table = quoted(copy.table().schema()) + "." + name;
    List<String> all = new ArrayList<>();
    List<String> needed = new ArrayList<>();
    List<KeyPart> key = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String column = rows.getString(1);
          int place = rows.getInt(2);
          if (place > 0) {
            key.add(new KeyPart(place, quoted(column)));
          }
          all.add(quoted(column));
          if (place > 0 || isNeeded(copy.columns(), column)) {
            needed.add(quoted(column));
          }
        }
      }
    }
    key.sort((left, right) -> Integer.compare(left.place(), right.place()));
    return new TableShape(
        table,
        "pg_temp." + name,
        name,
        needed.isEmpty() ? all : needed,
        key.stream().map(KeyPart::column).toList());
  }

  /** Makes the copy, empty; it goes with the transaction. */
  String create() {
    String create =
        "create temporary table %s on commit drop as select %s from %s where false"
            .formatted(name, String.join(", ", columns), table);
    return key.isEmpty()
        ? create
        : create
            + "; alter table %s add primary key (%s)".formatted(temporary, String.join(", ", key));
  }

  /** The query for the rows that are copied. */
  SqlText select(Optional<SqlText> condition) {
    String select = "select %s from %s".formatted(String.join(", ", columns), table);
    return condition
        .map(where -> new SqlText(select + " where " + where.text(), where.bindings()))
        .orElseGet(() -> SqlText.of(select));
  }

  /**
   * Adds rows of the same database.
   *
   * @param most how many at most
   */
  SqlText insertOwn(Optional<SqlText> condition, long most) {
    SqlText select = select(condition);
    return new SqlText(insert() + select.text() + " limit " + most, select.bindings());
  }

  /**
   * Adds rows that are given as one array of texts for each column.
   *
   * @param types the names of the columns' types
   */
  String insertArrays(List<String> types) {
    List<Integer> numbers = IntStream.rangeClosed(1, types.size()).boxed().toList();
    return "%sselect %s from unnest(%s) as u(%s)"
        .formatted(
            insert(),
            join(numbers, i -> "u.c" + i + "::" + typeName(types.get(i - 1))),
            join(numbers, i -> "?::text[]"),
            join(numbers, i -> "c" + i));
  }

  private String insert() {
    return "insert into %s (%s) ".formatted(temporary, String.join(", ", columns));
  }

  /** Where the schema is named, both are quoted already. */
  private static String typeName(String type) {
    return type.startsWith("\"") ? type : quoted(type);
  }

  private static String join(List<Integer> numbers, IntFunction<String> each) {
    return numbers.stream().map(each::apply).collect(Collectors.joining(", "));
  }

  /** The name of an identifier in SQL. */
  static String quoted(String identifier) {
    return "\"" + identifier.replace("\"", "\"\"") + "\"";
  }

  private record KeyPart(int place, String column) {}

  private static boolean isNeeded(Optional<SortedSet<String>> names, String column) {
    return names.isEmpty() || names.get().contains(column);
  }
}
