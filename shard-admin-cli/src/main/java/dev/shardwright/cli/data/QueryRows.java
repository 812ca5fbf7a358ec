package dev.shardwright.cli.data;

import dev.shardwright.cli.output.Cell;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first rows of a query.
 *
 * @param columns the names of the columns
 * @param rows with a cell for each column
 * @param complete whether these are all
 */
record QueryRows(List<String> columns, List<List<Cell>> rows, boolean complete) {

  static QueryRows read(ResultSet result, int most) throws SQLException {
    try (result) {
      ResultSetMetaData about = result.getMetaData();
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= about.getColumnCount(); i++) {
        columns.add(about.getColumnLabel(i));
      }
      List<List<Cell>> rows = new ArrayList<>();
      boolean more = result.next();
      while (more && rows.size() < most) {
        rows.add(row(result, about));
        more = result.next();
      }
      return new QueryRows(columns, rows, !more);
    }
  }

  private static List<Cell> row(ResultSet result, ResultSetMetaData about) throws SQLException {
    List<Cell> cells = new ArrayList<>();
    for (int i = 1; i <= about.getColumnCount(); i++) {
      String text = result.getString(i);
      cells.add(Cell.said(text, json(text, about.getColumnType(i))));
    }
    return cells;
  }

  private static @Nullable Object json(@Nullable String text, int type) {
    if (text == null) {
      return null;
    }
    return switch (type) {
      case Types.SMALLINT,
          Types.INTEGER,
          Types.BIGINT,
          Types.NUMERIC,
          Types.REAL,
          Types.FLOAT,
          Types.DOUBLE ->
          number(text);
      case Types.BIT, Types.BOOLEAN -> truth(text);
      default -> null;
    };
  }

  /** JSON has no NaN and no infinity: they stay text. */
  private static @Nullable BigDecimal number(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A bit string is no truth value. */
  private static @Nullable Boolean truth(String text) {
    return switch (text) {
      case "t", "true" -> true;
      case "f", "false" -> false;
      default -> null;
    };
  }
}
