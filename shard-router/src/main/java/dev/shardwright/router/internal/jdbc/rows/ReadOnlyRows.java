package dev.shardwright.router.internal.jdbc.rows;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/**
 * Rows that nobody asked to change, whatever the driver lets be done with them. As thread-safe as
 * the rows.
 */
public final class ReadOnlyRows extends ForwardingResultSet {
  private final ResultSet rows;

  public ReadOnlyRows(ResultSet rows) {
    this.rows = rows;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  @Override
  protected ResultSet changed() throws SQLException {
    rows.getConcurrency(); // refused when closed
    throw SqlFailures.notInState(
        "rows of concurrency CONCUR_READ_ONLY cannot be changed",
        PSQLState.INVALID_CURSOR_STATE.getState());
  }

  @Override
  public int getConcurrency() throws SQLException {
    rows.getConcurrency(); // refused when closed
    return CONCUR_READ_ONLY;
  }
}
