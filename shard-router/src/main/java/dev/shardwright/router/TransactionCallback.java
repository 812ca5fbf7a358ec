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
   * <p>Whoever borrows the connection next finds what outlives the transaction: what {@code SET} or
   * {@code setSchema} sets, temporary tables, {@code LISTEN}, {@code pg_advisory_lock}. Use {@code
   * SET LOCAL}, {@code ON COMMIT DROP} and {@code pg_advisory_xact_lock}, or {@link
   * OneShard#connection}, whose session is looked at when it is given back.
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
