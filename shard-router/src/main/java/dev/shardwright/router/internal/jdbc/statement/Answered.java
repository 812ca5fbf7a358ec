package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.rows.OutlivingRows;
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
 * @param tied whether the rows cannot be read any more once their transaction is over
 */
public record Answered(
    @Nullable ResultSet rows,
    long count,
    @Nullable ResultSet keys,
    @Nullable SQLWarning warnings,
    @Nullable Statement open,
    boolean tied) {
  /** For statements that give nothing. */
  public static final Answered NOTHING = ofCount(0);

  public static Answered ofCount(long count) {
    return new Answered(null, count, null, null, null, false);
  }

  public static Answered ofRows(ResultSet rows) {
    return ofRows(rows, /* tied= */ false);
  }

  public static Answered ofRows(ResultSet rows, boolean tied) {
    return new Answered(rows, -1, null, null, null, tied);
  }

  /**
   * What is left of it when its transaction ends, after which its connection may be in other hands:
   * nothing is asked on it any more.
   */
  public Answered detached() throws SQLException {
    if (tied) {
      close();
    } else if (open != null) {
      ResultSet read = rows == null ? keys : rows;
      OutlivingRows.detach(open, read == null || read.isClosed() ? null : read);
    }
    return new Answered(rows, count, keys, warnings, null, false);
  }

  public void close() throws SQLException {
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
