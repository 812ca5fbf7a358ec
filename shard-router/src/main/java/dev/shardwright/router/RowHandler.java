package dev.shardwright.router;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Takes rows one at a time. */
@FunctionalInterface
public interface RowHandler {
  /**
   * Takes the current row. Reads it, and does not move on.
   *
   * @throws SQLException if a column cannot be read
   */
  void handle(ResultSet row) throws SQLException;
}
