package dev.shardwright.router.differential;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What became of a statement. */
sealed interface Outcome {

  /**
   * The arrays that the driver receives in binary form once a statement has run a few times, and
   * then writes with other quotes than PostgreSQL.
   */
  Set<String> BINARY_ARRAYS =
      Set.of("_int2", "_int4", "_int8", "_float4", "_float8", "_text", "_varchar");

  /** Rows, in the order in which they came, each value in its text form. */
  record Rows(List<Column> columns, List<List<@Nullable String>> rows) implements Outcome {
    static Rows of(ResultSet from) throws SQLException {
      List<Column> columns = columns(from);
      List<List<@Nullable String>> rows = new ArrayList<>();
      while (from.next()) {
        rows.add(row(from, columns));
      }
      return new Rows(columns, rows);
    }

    /** The row at which the result stands. */
    static Rows ofOne(ResultSet at) throws SQLException {
      List<Column> columns = columns(at);
      return new Rows(columns, List.of(row(at, columns)));
    }

    /** Without rows it has no columns: they come with the rows. */
    static Rows together(List<Rows> ones) {
      List<Column> columns = ones.isEmpty() ? List.of() : ones.get(0).columns();
      return new Rows(columns, ones.stream().map(one -> one.rows().get(0)).toList());
    }

    private static List<Column> columns(ResultSet from) throws SQLException {
      ResultSetMetaData meta = from.getMetaData();
      List<Column> columns = new ArrayList<>();
      for (int i = 1; i <= meta.getColumnCount(); i++) {
        columns.add(
            new Column(
                meta.getColumnLabel(i),
                meta.getColumnTypeName(i),
                meta.getPrecision(i),
                meta.getScale(i)));
      }
      return columns;
    }

    private static List<@Nullable String> row(ResultSet at, List<Column> columns)
        throws SQLException {
      List<@Nullable String> row = new ArrayList<>();
      for (int i = 1; i <= columns.size(); i++) {
        boolean listed = BINARY_ARRAYS.contains(columns.get(i - 1).type());
        row.add(listed ? elements(at.getArray(i)) : at.getString(i));
      }
      return row;
    }

    private static @Nullable String elements(@Nullable Array array) throws SQLException {
      return array == null ? null : elements((Object[]) array.getArray());
    }

    private static String elements(@Nullable Object[] elements) {
      return Stream.of(elements)
          .map(
              element ->
                  element instanceof Object[] inner
                      ? elements(inner)
                      : element == null ? "NULL" : quoted(element.toString()))
          .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String element) {
      return '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(rows.size() + " rows of " + columns);
      rows.stream().limit(4).forEach(row -> text.append("\n      ").append(row));
      return text.toString();
    }
  }

  /** A column as the metadata of the rows describe it. */
  record Column(String name, String type, int precision, int scale) {
    @Override
    public String toString() {
      return name + " " + type + "(" + precision + "," + scale + ")";
    }
  }

  /** How many rows were written. */
  record Written(long rows) implements Outcome {}

  /** An error. */
  record Failed(String sqlState, String message) implements Outcome {
    static Failed of(SQLException failure) {
      return new Failed(
          String.valueOf(failure.getSQLState()), String.valueOf(failure.getMessage()));
    }

    /** Whether the cluster says that it cannot answer, and not that something went wrong. */
    boolean isRefusal() {
      return sqlState.startsWith("SW1");
    }
  }
}
