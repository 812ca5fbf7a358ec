package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The first statement of a transaction, which binds it to its shard. Until COMMIT is sent nothing
 * has happened, so what fails here for reasons that are not the statement's is done again on
 * another connection; where the statement itself is refused, the transaction stays open, as in
 * PostgreSQL.
 */
final class FirstWork<T> extends Work<T> {
  private final Begin begin;
  private final OnShard<T> body;
  private @Nullable Loan kept;
  private @Nullable Stay stay;

  /** Makes a connection ready for the transaction. */
  @FunctionalInterface
  interface Begin {
    Loan on(EndpointPool pool, Epoch epoch, LongSupplier patience) throws SQLException;
  }

  /**
   * @param body carries the statement out
   */
  FirstWork(StatementKind kind, Begin begin, OnShard<T> body) {
    super(kind);
    this.begin = begin;
    this.body = body;
  }

  @Override
  public T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    kept = null;
    Loan loan = begin.on(pool, epoch, this::patience);
    phase = Phase.SENT;
    SQLException failure = null;
    boolean keep = false;
    try {
      T answer = loan.use(driver -> body.on(loan, limitSeconds()));
      keep = true;
      return answer;
    } catch (SQLException e) {
      failure = e;
      Fault fault = Fault.of(e);
      keep = fault == Fault.REFUSED || fault == Fault.CANCELLED;
      throw e;
    } finally {
      if (keep) {
        kept = loan;
      } else {
        loan.end(failure);
      }
    }
  }

  @Override
  public boolean isUnwanted() {
    return body.isUnwanted();
  }

  @Override
  public Duration deadline(Duration usual) {
    return body.deadline(usual);
  }

  @Override
  public Repeat repeat() {
    return Repeat.UNTIL_COMMIT;
  }

  /** Later statements may, if this one does not. */
  @Override
  public boolean changes() {
    return true;
  }

  @Override
  public boolean keeps(Stay stay) {
    this.stay = stay;
    return kept != null;
  }

  /** What a kept connection counts by, which its keeper has to end; null if there is none. */
  @Nullable Stay stay() {
    return kept == null ? null : stay;
  }

  /** The connection that the transaction is on now; null if it is on none. */
  @Nullable Loan kept() {
    return kept;
  }
}
