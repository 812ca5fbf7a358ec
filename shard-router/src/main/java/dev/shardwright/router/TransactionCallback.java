package dev.shardwright.router;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The body of a transaction. It may run more than once, each time in a new transaction, so it has
 * no effect but through the connection.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface TransactionCallback<T> {

  /**
   * Works on the connection. To commit, return; to roll back, throw: a {@link SQLException} that
   * says that the transaction may be repeated is acted on, anything else reaches the caller.
   *
   * @param connection is in a transaction, which it cannot end; usable until this method returns
   * @throws SQLException as the connection threw it
   */
  T run(Connection connection) throws SQLException;

  /** The body of a transaction that returns nothing; see {@link TransactionCallback}. */
  @FunctionalInterface
  interface Action {
    /**
     * Works on the connection.
     *
     * @throws SQLException as the connection threw it
     */
    void run(Connection connection) throws SQLException;
  }
}
