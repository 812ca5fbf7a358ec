package dev.shardwright.router.internal.scatter.result;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Asks a shard for what the driver did not learn about a part's columns along with its rows, such
 * as the tables they are from. Thread-safe.
 *
 * @param shard any of those that have run the part
 * @param session what the session has set: names mean what they mean under its search path
 * @param bound the connection of the transaction; empty outside transactions
 */
public record Describer(
    Runner runner,
    ShardId shard,
    PartStatement part,
    SessionState session,
    Optional<BoundShard> bound) {

  /** Reads from the metadata while a connection is at hand. */
  public <T> T describe(MergedRows.Description<T> reader) throws SQLException {
    if (bound.isPresent()) {
      return bound.get().use(driver -> describe(driver, reader));
    }
    try {
      return runner.run(
          new Target.OfShard(shard),
          new Work<T>(StatementKind.QUERY) {
            @Override
            public T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
              return Loan.take(pool, epoch, this::patience, session)
                  .useAndEnd(driver -> describe(driver, reader));
            }

            @Override
            public Repeat repeat() {
              return Repeat.ALWAYS;
            }
          });
    } catch (StatementFailed e) {
      throw e.getCause() instanceof SQLException said ? said : new SQLException(e.getMessage(), e);
    } catch (ShardException e) {
      throw new SQLException(e.getMessage(), e);
    }
  }

  private <T> T describe(Connection connection, MergedRows.Description<T> reader)
      throws SQLException {
    try (PreparedStatement statement =
        part.prepare(connection, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
      return reader.read(statement.getMetaData());
    }
  }
}
