package dev.shardwright.internal.schema;

import java.sql.Connection;
import java.sql.SQLException;

/** Runs work in one transaction of its own: READ COMMITTED, and nothing left open after it. */
public final class Transaction {

  /** What runs in the transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs statements; must not commit. */
    T run() throws SQLException;
  }

  /** What runs in the transaction for its effect. */
  @FunctionalInterface
  public interface Task {
    /** Runs statements; must not commit. */
    void run() throws SQLException;
  }

  private Transaction() {}

  /**
   * Commits what the work did, or rolls it back if it threw.
   *
   * <p>READ COMMITTED is asked for because a role may have another default, under which what was
   * read after a lock was taken could be older than the lock.
   *
   * @param connection in autocommit mode, and so again after the call
   */
  public static <T> T in(Connection connection, Work<T> work) throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    return withIsolationOfItsOwn(connection, work);
  }

  /** The same for work that asks for READ COMMITTED itself, along with its first statement. */
  public static <T> T withIsolationOfItsOwn(Connection connection, Work<T> work)
      throws SQLException {
    connection.setAutoCommit(false);
    T result;
    try {
      result = work.run();
      connection.commit();
    } catch (SQLException | RuntimeException | Error e) {
      rollBack(connection, e);
      throw e;
    }
    if (!connection.isClosed()) {
      connection.setAutoCommit(true);
    }
    return result;
  }

  /** Runs work without a result, as {@link #in} does. */
  public static void run(Connection connection, Task task) throws SQLException {
    in(
        connection,
        () -> {
          task.run();
          return true;
        });
  }

  private static void rollBack(Connection connection, Throwable failure) {
    try {
      if (!connection.isClosed()) { // else the server has rolled back
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}
