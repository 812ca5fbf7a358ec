package dev.shardwright.rebalance.internal.database;

import dev.shardwright.internal.schema.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Runs work in one transaction of the mover: READ COMMITTED, past the gates of its migration, and
 * without a trace in its key logs.
 *
 * <p>The row that names the mover is locked in shared mode until the end: as long as the
 * transaction lives, no other mover takes the migration over.
 */
public final class MoverTransaction {
  private static final String BEGIN = "select shardwright.begin_mover(?, ?)";

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
    return Transaction.in(
        connection,
        () -> {
          begin(connection, mover);
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

  private static void begin(Connection connection, MoverIdentity mover) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
      statement.setInt(1, mover.migration());
      statement.setLong(2, mover.token());
      statement.execute();
    }
  }
}
