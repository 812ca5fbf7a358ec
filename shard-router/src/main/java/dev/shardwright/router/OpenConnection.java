package dev.shardwright.router;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A plain connection, lent until its borrower closes it. */
final class OpenConnection extends Work<Connection> {
  private @Nullable LentConnection lent;

  OpenConnection() {
    super(StatementKind.CONNECTION);
  }

  @Override
  public Connection attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    LentConnection open = LentConnection.untilClosed(pool.borrow(epoch, this::patience), pool);
    lent = open;
    return open.asConnection();
  }

  @Override
  public boolean keeps(Stay stay) {
    LentConnection open = lent;
    if (open == null) {
      return false;
    }
    open.keep(stay);
    return true;
  }

  /** Borrowing sends nothing. */
  @Override
  public Repeat repeat() {
    return Repeat.ALWAYS;
  }
}
