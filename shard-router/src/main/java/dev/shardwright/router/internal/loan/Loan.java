package dev.shardwright.router.internal.loan;

import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.run.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pooled connection that has the state of a session, until it is given back. Used by one thread
 * at a time, but for {@link #abort}.
 */
public final class Loan {
  private static final Logger log = LoggerFactory.getLogger(Loan.class);

  private final EndpointPool pool;
  private final Connection pooled;
  private final PgConnection driver;
  private final AtomicBoolean over = new AtomicBoolean();
  private SessionState session;

  private Loan(EndpointPool pool, Connection pooled, PgConnection driver, SessionState session) {
    this.pool = pool;
    this.pooled = pooled;
    this.driver = driver;
    this.session = session;
  }

  /** Borrows a connection and gives it the session's state. */
  public static Loan take(EndpointPool pool, SessionState session) throws SQLException {
    return of(pool, pool.borrow(), session);
  }

  /**
   * The same for a borrower who may wait for less.
   *
   * @param patience as in {@link EndpointPool#borrow(LongSupplier)}
   */
  public static Loan take(EndpointPool pool, LongSupplier patience, SessionState session)
      throws SQLException {
    return of(pool, pool.borrow(patience), session);
  }

  private static Loan of(EndpointPool pool, Connection pooled, SessionState session)
      throws SQLException {
    try {
      PgConnection driver = pooled.unwrap(PgConnection.class);
      if (session != SessionState.NONE) {
        session.apply(driver);
      }
      return new Loan(pool, pooled, driver, session);
    } catch (SQLException | RuntimeException e) {
      pool.discard(pooled);
      throw e;
    }
  }

  /** Gives the connection the session's state, until its end; also if that goes half way only. */
  public void apply(SessionState state) throws SQLException {
    session = state;
    state.apply(driver);
  }

  /** The connection as the pool knows it: what is changed here, the pool restores. */
  public Connection pooled() {
    return pooled;
  }

  /** The driver's own connection. */
  public PgConnection driver() {
    return driver;
  }

  /** The session has set something on the connection, which is to be reset too. */
  public void session(SessionState changed) {
    session = changed;
  }

  /** The pool that it is from. */
  public EndpointPool pool() {
    return pool;
  }

  /**
   * Gives the connection back, unless it was aborted. The pool does not see what fails on the
   * driver's own connection, so one that was lost is taken out of the pool here.
   *
   * @param failure what ended its use; null if nothing failed
   */
  public void end(@Nullable SQLException failure) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    if ((failure != null && Fault.of(failure) == Fault.LOST) || isClosed()) {
      pool.discard(pooled);
      return;
    }
    if (session != SessionState.NONE) {
      try {
        if (!pooled.getAutoCommit()) {
          pooled.rollback();
          pooled.setAutoCommit(true);
        }
        session.reset(driver);
      } catch (SQLException e) {
        log.debug("a connection's session could not be made as it was, so it is closed", e);
        pool.discard(pooled);
        return;
      }
    }
    pool.giveBack(pooled);
  }

  /**
   * Closes the connection, whatever runs on it, unless it has been given back: then it may be
   * somebody else's. From any thread.
   */
  public void abort() {
    if (over.compareAndSet(false, true)) {
      pool.discard(pooled);
    }
  }

  private boolean isClosed() {
    try {
      return driver.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }
}
