package dev.shardwright.router.internal.run;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Work that gives its connection back when it is done.
 *
 * @param <T> what it gives
 */
public abstract class OnConnection<T> extends Work<T> {
  public OnConnection(StatementKind kind) {
    super(kind);
  }

  @Override
  public final T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    Connection connection = pool.borrow(epoch);
    try {
      return on(connection);
    } finally {
      if (isSpent()) {
        pool.discard(connection);
      } else {
        pool.giveBack(connection);
      }
    }
  }

  /** Whether nobody may be lent the connection again. */
  protected boolean isSpent() {
    return false;
  }

  /** Does the work once. */
  public abstract T on(Connection connection) throws SQLException;

  /** To be called just before the statement is sent. */
  public final void sending(Statement statement) throws SQLException {
    int limit = limitSeconds();
    if (limit > 0) {
      statement.setQueryTimeout(limit);
    }
    phase = Phase.SENT;
  }
}
