package dev.shardwright.rebalance.internal.database;

import dev.shardwright.internal.schema.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Runs work in one transaction of the mover: READ COMMITTED, past the gates of its migration, and
 * without a trace in its key logs.
 *
 * <p>The row that names the mover is locked in shared mode until the end: as long as the
 * transaction lives, no other mover takes the migration over.
 */
public final class MoverTransaction {
  private static final String BEGIN =
      "set transaction isolation level read committed; select shardwright.begin_mover(%d, %d)";

  private MoverTransaction() {}

  /**
   * Commits what the work did, or rolls it back if it threw.
   *
   * @param connection in autocommit mode, and so again after the call
   * @throws SQLException with SQLSTATE {@link
   *     dev.shardwright.internal.schema.SqlStates#MOVER_SUPERSEDED} if another mover has taken
   *     over; the work did not run then
   */
  public static <T> T in(Connection connection, MoverIdentity mover, Transaction.Work<T> work)
      throws SQLException {
    return in(connection, mover, "", work);
  }

  /**
   * The same for work that begins with a statement whose result nobody needs, so that it costs no
   * trip of its own.
   *
   * @param first SQL; not run if another mover has taken over
   */
  public static <T> T in(
      Connection connection, MoverIdentity mover, String first, Transaction.Work<T> work)
      throws SQLException {
    return Transaction.withIsolationOfItsOwn(
        connection,
        () -> {
          begin(connection, mover, first);
          return work.run();
        });
  }

  /** Runs work without a result, as {@link #in} does. */
  public static void run(Connection connection, MoverIdentity mover, Transaction.Task task)
      throws SQLException {
    in(
        connection,
        mover,
        () -> {
          task.run();
          return true;
        });
  }

  private static void begin(Connection connection, MoverIdentity mover, String first)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String begin = BEGIN.formatted(mover.migration(), mover.token());
      statement.execute(first.isEmpty() ? begin : begin + "; " + first);
    }
  }
}
