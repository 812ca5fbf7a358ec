package dev.shardwright.router.internal.run;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Work that gives its connection back when it is done.
 *
 * @param <T> what it gives
 */
public abstract class OnConnection<T> extends Work<T> {
  /** Invalid transaction state. */
  private static final String OPEN_TRANSACTION = "25000";

  public OnConnection(StatementKind kind) {
    super(kind);
  }

  @Override
  public final T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    Connection connection = pool.borrow(epoch, this::patience);
    boolean brokenOff = false;
    try {
      T done = on(connection);
      checkEnded(connection);
      return done;
    } catch (Error e) {
      brokenOff = true; // as in BrokenOff, if it was the driver
      throw e;
    } finally {
      if (brokenOff || isSpent()) {
        pool.discard(connection);
      } else {
        pool.giveBack(connection);
      }
    }
  }

  /** What is left open the pool rolls back, so that its answer is worth nothing. */
  private void checkEnded(Connection connection) throws SQLException {
    if (connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE) {
      phase = Phase.SENT;
      throw new SQLException(
          "the text begins a transaction that it does not end, which is rolled back: leave BEGIN"
              + " out, or use inTransaction for several statements",
          OPEN_TRANSACTION);
    }
  }

  /** Whether nobody may be lent the connection again. */
  protected boolean isSpent() {
    return false;
  }

  /** Does the work once. */
  public abstract T on(Connection connection) throws SQLException;

  /** Sends what commits by itself unless it is in a transaction, and gives its rows. */
  public final ResultSet rowsOf(PreparedStatement statement) throws SQLException {
    return answered(statement, PreparedStatement::executeQuery);
  }

  /** The same of what gives the number of rows that it changed. */
  public final int countOf(PreparedStatement statement) throws SQLException {
    return answered(statement, PreparedStatement::executeUpdate);
  }

  private interface Execution<A> {
    A of(PreparedStatement statement) throws SQLException;
  }

  private <A> A answered(PreparedStatement statement, Execution<A> execution) throws SQLException {
    sending(statement);
    try {
      A answer = execution.of(statement);
      phase = Phase.ANSWERED;
      return answer;
    } catch (SQLException e) {
      if (Fault.isAboutAnswerAlone(e)) {
        phase = Phase.ANSWERED;
      }
      throw e;
    }
  }

  /** To be called just before the statement is sent. */
  public final void sending(Statement statement) throws SQLException {
    int limit = limitSeconds();
    if (limit > 0) {
      statement.setQueryTimeout(limit);
    }
    phase = Phase.SENT;
  }
}
