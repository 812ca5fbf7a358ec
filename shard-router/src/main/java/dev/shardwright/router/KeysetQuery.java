package dev.shardwright.router;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The query for one page, made of the query for all rows. Immutable. */
final class KeysetQuery {
  private final String sql;
  private final Keyset keyset;
  private final long fingerprint;
  private final Optional<KeysetCursor> after;

  /**
   * @param sql the query for all rows
   * @throws RouteRefused if the cursor is not one of this query
   */
  KeysetQuery(String sql, Keyset keyset) {
    this.sql = sql;
    this.keyset = keyset;
    this.fingerprint = KeysetCursor.fingerprint(sql, keyset.keys());
    this.after =
        keyset.after().map(text -> KeysetCursor.decode(text, fingerprint, keyset.keys().size()));
  }

  /** One row more than the page has tells whether there is another page. */
  String sql() {
    return "select * from (\n%s\n) as shardwright_page%s order by %s limit %s"
        .formatted(
            sql,
            after.map(cursor -> " where " + beyond(cursor, 0)).orElse(""),
            keyset.keys().stream()
                .map(key -> quoted(key) + (key.descending() ? " desc" : ""))
                .collect(Collectors.joining(", ")),
            keyset.size() + 1);
  }

  /** The parameters of the query for all rows, and then the keys of the last row before. */
  @Nullable Object[] parameters(@Nullable Object[] given) {
    List<@Nullable Object> all = new ArrayList<>(Arrays.asList(given));
    after.ifPresent(
        cursor -> {
          List<String> values = cursor.values();
          values.subList(0, values.size() - 1).forEach(value -> all.addAll(List.of(value, value)));
          all.add(values.get(values.size() - 1));
        });
    return all.toArray();
  }

  /** The page that the rows make. */
  <T> KeysetPage<T> page(ResultSet rows, RowMapper<T> mapper) throws SQLException {
    List<T> values = new ArrayList<>();
    Optional<String> end = Optional.empty();
    while (rows.next()) {
      if (values.size() == keyset.size()) {
        return new KeysetPage<>(values, end);
      }
      values.add(Query.mapped(mapper, rows));
      if (values.size() == keyset.size()) {
        end = Optional.of(cursor(rows).encode());
      }
    }
    return new KeysetPage<>(values, Optional.empty());
  }

  /**
   * The rows after the last one: none is before it in the first key, and those that are not beyond
   * it in that are beyond it in the keys that follow. Said in this way, PostgreSQL begins in an
   * index where the page begins, and finds the plan that is made once as good as one for the
   * values.
   */
  private String beyond(KeysetCursor cursor, int key) {
    if (key == keyset.keys().size() - 1) {
      return comparison(key, beyond(key), cursor);
    }
    return "%s and (%s or %s)"
        .formatted(
            comparison(key, beyond(key) + "=", cursor),
            comparison(key, beyond(key), cursor),
            beyond(cursor, key + 1));
  }

  private String beyond(int key) {
    return keyset.keys().get(key).descending() ? "<" : ">";
  }

  private String comparison(int key, String operator, KeysetCursor cursor) {
    String type = cursor.types().get(key);
    return "%s %s cast(cast(? as text) as %s)"
        .formatted(
            quoted(keyset.keys().get(key)),
            operator,
            type.startsWith("\"") ? type : "\"" + type + "\"");
  }

  private KeysetCursor cursor(ResultSet row) throws SQLException {
    List<String> values = new ArrayList<>();
    for (Keyset.Key key : keyset.keys()) {
      String value = row.getString(row.findColumn(key.column()));
      if (value == null) {
        throw new RouteRefused(
            "column %s orders the pages and is NULL in a row: leave such rows out, or order by"
                    .formatted(key.column())
                + " coalesce(…) under a name of its own");
      }
      values.add(value);
    }
    return new KeysetCursor(fingerprint, types(row), values);
  }

  /** A page that follows another has the types of that; asking a shard for them costs a trip. */
  private List<String> types(ResultSet row) throws SQLException {
    if (after.isPresent()) {
      return after.get().types();
    }
    ResultSetMetaData data = row.getMetaData();
    List<String> types = new ArrayList<>();
    for (Keyset.Key key : keyset.keys()) {
      types.add(typeName(data.getColumnTypeName(row.findColumn(key.column()))));
    }
    return types;
  }

  /** The driver has names of its own for columns that are numbered by a sequence. */
  private static String typeName(String driver) {
    return switch (driver) {
      case "smallserial" -> "int2";
      case "serial" -> "int4";
      case "bigserial" -> "int8";
      default -> driver;
    };
  }

  private static String quoted(Keyset.Key key) {
    return "\"" + key.column().replace("\"", "\"\"") + "\"";
  }
}
