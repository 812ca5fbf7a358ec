package dev.shardwright.examples.quickstart;

import dev.shardwright.router.ShardRouter;
import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The answer to a query without a sharding key, which goes to every shard.
 *
 * @param sql the query
 * @param lines its columns' names, then its rows, each value as text
 */
record Overview(String sql, List<List<String>> lines) {

  /** Asks all shards, and has the router put their answers together. */
  static Overview ask(ShardRouter router, String sql) {
    List<List<String>> lines = new ArrayList<>();
    router.scatter(
        sql,
        row -> {
          if (lines.isEmpty()) {
            lines.add(names(row.getMetaData()));
          }
          return lines.add(values(row));
        });
    return new Overview(sql, lines);
  }

  void print(PrintStream out) {
    out.println("All shards together");
    sql.lines().forEach(line -> out.println("  " + line));
    out.println();
    int columns = lines.isEmpty() ? 0 : lines.get(0).size();
    int[] widths =
        IntStream.range(0, columns)
            .map(i -> lines.stream().mapToInt(line -> line.get(i).length()).max().orElse(0))
            .toArray();
    for (List<String> line : lines) {
      out.println(
          IntStream.range(0, columns)
              .mapToObj(i -> String.format("%-" + Math.max(1, widths[i]) + "s", line.get(i)))
              .collect(Collectors.joining("  ", "  ", ""))
              .stripTrailing());
    }
    out.println();
  }

  private static List<String> names(ResultSetMetaData columns) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
    }
    return names;
  }

  private static List<String> values(ResultSet row) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      values.add(String.valueOf(row.getString(i)));
    }
    return values;
  }
}
