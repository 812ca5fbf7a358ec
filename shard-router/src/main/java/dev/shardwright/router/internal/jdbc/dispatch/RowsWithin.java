package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The rows of a query over several shards within a transaction: if they break off, the transaction
 * is aborted, though its own shard knows nothing of it. As thread-safe as the rows.
 */
final class RowsWithin extends ForwardingResultSet {
  private final ResultSet rows;
  private final Transaction within;

  RowsWithin(ResultSet rows, Transaction within) {
    this.rows = rows;
    this.within = within;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  @Override
  public boolean next() throws SQLException {
    boolean closed = rows.isClosed();
    try {
      return rows.next();
    } catch (SQLException e) {
      if (!closed) {
        within.fail(e);
      }
      throw e;
    }
  }
}
