package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.NoConnection;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.run.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool's connection that has the session's state, until the loan is ended; by whichever thread,
 * and once.
 */
public final class PooledLoan {
  private static final Logger log = LoggerFactory.getLogger(PooledLoan.class);

  private final EndpointPool pool;
  private final Connection connection;
  private final SessionState session;
  private final AtomicBoolean ended = new AtomicBoolean();
  private Runnable afterwards = () -> {};
  private final Admitted admitted = new Admitted();

  private PooledLoan(EndpointPool pool, Connection connection, SessionState session) {
    this.pool = pool;
    this.connection = connection;
    this.session = session;
  }

  /**
   * Borrows a connection and gives it the session's state.
   *
   * @param patience as in {@link EndpointPool#borrow(LongSupplier)}
   */
  public static PooledLoan take(EndpointPool pool, LongSupplier patience, SessionState session)
      throws SQLException {
    Connection connection = pool.borrow(patience);
    PooledLoan loan = new PooledLoan(pool, connection, session);
    try {
      session.apply(connection);
      return loan;
    } catch (SQLException | RuntimeException e) {
      pool.discard(connection);
      throw e;
    }
  }

  /** Takes over a stay that has begun; it ends with the loan. */
  void keep(Stay stay) {
    admitted.add(stay);
  }

  public Connection connection() {
    return connection;
  }

  /**
   * Does something once the connection is with the pool again. To be said before others know the
   * loan.
   */
  void whenEnded(Runnable done) {
    afterwards = done;
  }

  /**
   * The pool does not see what fails on the driver's own connection, so one that was lost is taken
   * out of the pool here.
   */
  public void end(@Nullable SQLException failure) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    try {
      handBack(failure);
    } finally {
      afterwards.run();
      admitted.end();
    }
  }

  private void handBack(@Nullable SQLException failure) {
    if (failure != null && !(failure instanceof NoConnection) && Fault.of(failure) == Fault.LOST) {
      pool.discard(connection);
      return;
    }
    try {
      if (session != SessionState.NONE) {
        if (!connection.getAutoCommit()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
        session.reset(connection);
      }
    } catch (SQLException e) {
      log.debug("a connection's session could not be made as it was, so it is closed", e);
      pool.discard(connection);
      return;
    }
    pool.giveBack(connection);
  }
}
