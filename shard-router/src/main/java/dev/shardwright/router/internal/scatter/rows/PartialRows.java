package dev.shardwright.router.internal.scatter.rows;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows whose values are in PostgreSQL's text forms, on their way back to PostgreSQL. */
public final class PartialRows {
  private final int columns;
  private final List<@Nullable String[]> rows = new ArrayList<>();

  public PartialRows(int columns) {
    this.columns = columns;
  }

  /** The values of the current row, which the shard has sent as text. */
  public static @Nullable String[] read(ResultSet row, int columns) throws SQLException {
    @Nullable String[] values = new @Nullable String[columns];
    for (int i = 0; i < columns; i++) {
      values[i] = row.getString(i + 1);
    }
    return values;
  }

  public void add(@Nullable String[] row) {
    rows.add(row);
  }

  public int size() {
    return rows.size();
  }

  public int columns() {
    return columns;
  }

  /** The values of one column, from 1. */
  public Object[] column(int number) {
    @Nullable Object[] values = new @Nullable Object[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.get(i)[number - 1];
    }
    return values;
  }
}
