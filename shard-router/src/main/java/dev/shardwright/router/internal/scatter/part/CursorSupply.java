package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/** Rows that come in batches through a cursor. Fetching a batch can be cancelled. */
final class CursorSupply implements PartRows.Supply {
  private final BaseConnection driver;
  private final @Nullable QueryLoan loan;
  private final Cancellation cancellation;
  private final int fetchSize;
  private int leftInBatch;

  /**
   * @param driver where the cursor is
   * @param loan the loan of that connection; null if it is the caller's
   */
  CursorSupply(
      BaseConnection driver, @Nullable QueryLoan loan, Cancellation cancellation, int fetchSize) {
    this.driver = driver;
    this.loan = loan;
    this.cancellation = cancellation;
    this.fetchSize = fetchSize;
    this.leftInBatch = fetchSize;
  }

  @Override
  public boolean next(ResultSet rows) throws SQLException {
    if (leftInBatch > 0) {
      leftInBatch--;
      return rows.next();
    }
    leftInBatch = fetchSize - 1;
    if (Thread.currentThread().isInterrupted()) {
      cancellation.stop(new ShardUnavailable("interrupted while rows were read", null));
    }
    return cancellation.during(driver, rows::next);
  }

  @Override
  public void end(@Nullable SQLException failure) {
    if (loan != null) {
      loan.end(failure);
    }
  }
}
