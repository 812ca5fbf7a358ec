package dev.shardwright.router.internal.loan;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * A transaction in which a statement has failed. PostgreSQL answers its COMMIT with ROLLBACK, of
 * which the driver says nothing: to its caller all would seem to be committed.
 */
public final class AbortedTransaction {
  private static final String STATE = "25P02";

  private AbortedTransaction() {}

  /** Whether only a rollback is left. Asks nobody. */
  public static boolean isOn(PgConnection driver) {
    return driver.getTransactionState() == TransactionState.FAILED;
  }

  /**
   * To be called before a commit. The transaction remains as it is.
   *
   * @param connection the driver's, or one that gives it
   * @throws SQLException if a statement in it has failed
   */
  public static void check(Connection connection) throws SQLException {
    if (isOn(connection.unwrap(PgConnection.class))) {
      throw new SQLTransactionRollbackException(
          "a statement of the transaction has failed, so it cannot be committed: let that failure"
              + " pass, or set a savepoint before the statement and roll back to it",
          STATE);
    }
  }
}
