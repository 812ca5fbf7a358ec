package dev.shardwright.router.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What came of a statement.
 *
 * @param rows null if it gave none
 * @param count how many rows it changed; -1 if it gave rows
 * @param keys the generated keys; null if none were wanted
 * @param open the driver's statement, to be closed when the rows have been read; null if the rows
 *     need it no more
 */
record Answered(
    @Nullable ResultSet rows,
    long count,
    @Nullable ResultSet keys,
    @Nullable SQLWarning warnings,
    @Nullable Statement open) {
  /** For statements that give nothing. */
  static final Answered NOTHING = new Answered(null, 0, null, null, null);

  static Answered ofCount(long count) {
    return new Answered(null, count, null, null, null);
  }

  static Answered ofRows(ResultSet rows) {
    return new Answered(rows, -1, null, null, null);
  }

  void close() throws SQLException {
    if (rows != null) {
      rows.close();
    }
    if (keys != null) {
      keys.close();
    }
    if (open != null) {
      open.close();
    }
  }
}
