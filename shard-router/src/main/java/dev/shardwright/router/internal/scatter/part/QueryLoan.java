package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The loan of a connection for one shard's part of a query, and what ends with it. Ended once, by
 * whichever of the query's threads comes to it first.
 */
public final class QueryLoan {
  private final Loan loan;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Admitted admitted = new Admitted();
  private Runnable afterwards = () -> {};

  private QueryLoan(Loan loan) {
    this.loan = loan;
  }

  /**
   * Borrows a connection and gives it the session's state.
   *
   * @param patience as in {@link EndpointPool#borrow(Epoch, LongSupplier)}
   */
  static QueryLoan take(EndpointPool pool, Epoch epoch, LongSupplier patience, SessionState session)
      throws SQLException {
    return new QueryLoan(Loan.take(pool, epoch, patience, session));
  }

  /**
   * Borrows a connection.
   *
   * @param patience as in {@link EndpointPool#borrow(Epoch, LongSupplier)}
   */
  static QueryLoan take(EndpointPool pool, Epoch epoch, LongSupplier patience) throws SQLException {
    return take(pool, epoch, patience, SessionState.NONE);
  }

  /** Gives the connection the session's state, until its end. */
  void apply(SessionState session) throws SQLException {
    loan.apply(session);
  }

  /** Takes over a stay that has begun; it ends with the loan. */
  void keep(Stay stay) {
    admitted.add(stay);
  }

  /** As in {@link Loan#pooled}. */
  public Connection pooled() {
    return loan.pooled();
  }

  /** As in {@link Loan#driver}. */
  PgConnection driver() {
    return loan.driver();
  }

  /** As in {@link Loan#run}. */
  void run(Loan.Step step) throws SQLException {
    loan.run(step);
  }

  /**
   * Does something once the connection is with the pool again. To be said before others know the
   * loan.
   */
  void whenEnded(Runnable done) {
    afterwards = done;
  }

  /** As in {@link Loan#end}. Safe to repeat. */
  public void end(@Nullable SQLException failure) {
    end(() -> loan.end(failure));
  }

  /** As in {@link Loan#abort}. Safe to repeat. */
  void abort() {
    try {
      loan.abort(); // also as it is being given back
    } finally {
      end(() -> {});
    }
  }

  private void end(Runnable how) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    try {
      how.run();
    } finally {
      afterwards.run();
      admitted.end();
    }
  }
}
