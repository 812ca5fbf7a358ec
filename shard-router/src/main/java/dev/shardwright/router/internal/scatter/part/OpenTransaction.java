package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Begins a transaction in which all statements see one snapshot, on a connection that is taken
 * until its loan is ended.
 */
public final class OpenTransaction extends Work<QueryLoan> {
  private final boolean writes;
  private final SessionState session;
  private final Cancellation cancellation;
  private final Optional<LongerTimeout> timeout;
  private @Nullable QueryLoan begun;

  /**
   * @param writes whether it may write, if only to temporary tables
   */
  public OpenTransaction(
      boolean writes,
      SessionState session,
      Cancellation cancellation,
      Optional<LongerTimeout> timeout) {
    super(StatementKind.TRANSACTION);
    this.writes = writes;
    this.session = session;
    this.cancellation = cancellation;
    this.timeout = timeout;
  }

  @Override
  public QueryLoan attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    QueryLoan loan = QueryLoan.take(pool, epoch, cancellation::patience, session);
    try {
      loan.run(driver -> begin(loan.pooled()));
      begun = loan;
      return loan;
    } catch (SQLException e) {
      loan.end(e);
      throw e;
    }
  }

  private void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      // The driver sends BEGIN along with it.
      statement.execute(
          "set transaction isolation level repeatable read, read " + (writes ? "write" : "only"));
    }
    if (timeout.isPresent()) {
      timeout.get().applyTo(connection);
    }
  }

  /** Temporary tables do not move. */
  @Override
  public boolean changes() {
    return false;
  }

  @Override
  public boolean keeps(Stay stay) {
    QueryLoan open = begun;
    if (open == null) {
      return false;
    }
    open.keep(stay);
    return true;
  }

  @Override
  public Repeat repeat() {
    return cancellation.isStopped() ? Repeat.NEVER : Repeat.ALWAYS;
  }
}
