package dev.shardwright.router;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Turns the row that the result set is at into a value.
 *
 * @param <T> the value; never null
 */
@FunctionalInterface
public interface RowMapper<T> {

  /**
   * The value of the current row. Reads it, and does not move on.
   *
   * @throws SQLException if a column cannot be read
   */
  T map(ResultSet row) throws SQLException;
}
