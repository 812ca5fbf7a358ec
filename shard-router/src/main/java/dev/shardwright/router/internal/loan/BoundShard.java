package dev.shardwright.router.internal.loan;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.pool.BrokenOff;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;

/**
 * The shard that a transaction is bound to: its part of a statement runs on the transaction's own
 * connection, so that the statement sees what the transaction wrote.
 *
 * @param connection the driver's own, not in autocommit mode; stays the caller's
 */
public record BoundShard(ShardId shard, PgConnection connection) {

  /** Says something to the server. An {@link Error} closes the connection. */
  public <T> T use(Loan.Exchange<T> exchange) throws SQLException {
    try {
      return exchange.on(connection);
    } catch (Error e) {
      BrokenOff.close(() -> connection, e);
      throw e;
    }
  }
}
