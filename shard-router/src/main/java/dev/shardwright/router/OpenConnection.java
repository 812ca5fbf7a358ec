package dev.shardwright.router;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import java.sql.Connection;
import java.sql.SQLException;

/** A plain connection, lent until its borrower closes it. */
final class OpenConnection extends Work<Connection> {
  OpenConnection() {
    super(StatementKind.CONNECTION);
  }

  @Override
  public Connection attempt(EndpointPool pool) throws SQLException {
    return LentConnection.untilClosed(pool.borrow(), pool);
  }

  /** Borrowing sends nothing. */
  @Override
  public Repeat repeat() {
    return Repeat.ALWAYS;
  }
}
