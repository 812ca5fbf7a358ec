package dev.shardwright.router.internal.loan;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

import dev.shardwright.router.internal.pool.BrokenOff;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
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
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.LENT);

  /** What makes the connection as it was, also where a rollback has brought a setting back. */
  private Set<String> resets = Set.of();

  /** The network timeout that the connection will have again; null if it has it still. */
  private @Nullable Integer pooledTimeout;

  private enum Stage {
    LENT,
    /** It is made as it was. */
    ENDING,
    /** It is the borrower's no longer. */
    OVER
  }

  private Loan(EndpointPool pool, Connection pooled, PgConnection driver) {
    this.pool = pool;
    this.pooled = pooled;
    this.driver = driver;
  }

  /**
   * Borrows a connection and gives it the session's state.
   *
   * @param patience as in {@link EndpointPool#borrow(Epoch, LongSupplier)}
   */
  public static Loan take(
      EndpointPool pool, Epoch epoch, LongSupplier patience, SessionState session)
      throws SQLException {
    Connection pooled = pool.borrow(epoch, patience);
    Loan loan;
    try {
      loan = new Loan(pool, pooled, pooled.unwrap(PgConnection.class));
    } catch (SQLException e) {
      pool.discard(pooled);
      throw e;
    }
    try {
      loan.run(driver -> loan.apply(session));
      return loan;
    } catch (SQLException | RuntimeException e) {
      loan.end(e instanceof SQLException failure ? failure : null);
      throw e;
    }
  }

  /** Gives the connection the session's state, until its end; also if that goes half way only. */
  public void apply(SessionState state) throws SQLException {
    state.check(pool);
    if (state.sets()) {
      session(state);
      state.apply(driver);
    }
  }

  /** The connection as the pool knows it: what is changed here, the pool restores. */
  public Connection pooled() {
    return pooled;
  }

  /**
   * Begins a transaction, of that level if one is said; the driver sends BEGIN along with the first
   * statement.
   */
  public void begin(Optional<IsolationLevel> isolation) throws SQLException {
    pooled.setAutoCommit(false);
    if (isolation.isPresent()) {
      try (Statement statement = driver.createStatement()) {
        statement.execute(isolation.get().set());
      }
    }
  }

  /** The driver's own connection. */
  public PgConnection driver() {
    return driver;
  }

  /** Says something to the server. */
  @FunctionalInterface
  public interface Exchange<T> {
    T on(PgConnection driver) throws SQLException;
  }

  /** The same, where nothing comes of it. */
  @FunctionalInterface
  public interface Step {
    void on(PgConnection driver) throws SQLException;
  }

  /** Says something to the server. An {@link Error} ends the loan, as in {@link BrokenOff}. */
  public <T> T use(Exchange<T> exchange) throws SQLException {
    try {
      return exchange.on(driver);
    } catch (Error e) {
      BrokenOff.close(() -> driver, e); // the pool would do so later
      abort();
      throw e;
    }
  }

  /** The same, after which the loan ends, whatever came of it. */
  public <T> T useAndEnd(Exchange<T> exchange) throws SQLException {
    SQLException failure = null;
    try {
      return use(exchange);
    } catch (SQLException e) {
      failure = e;
      throw e;
    } finally {
      end(failure);
    }
  }

  /** The same, where nothing comes of it. */
  public void run(Step step) throws SQLException {
    boolean unused =
        use(
            on -> {
              step.on(on);
              return true;
            });
  }

  /**
   * The session has set something on the connection, or is about to, which is to be reset too. What
   * it had set before is not forgotten: a rollback may bring it back.
   */
  public void session(SessionState changed) throws SQLException {
    if (!resets.containsAll(changed.resets())) {
      resets = Stream.concat(resets.stream(), changed.resets().stream()).collect(toImmutableSet());
    }
    networkTimeout(changed.networkTimeoutMillis());
  }

  /** The network's timeout is the driver's own business, so setting it sends nothing. */
  private void networkTimeout(int millis) throws SQLException {
    if (millis > 0 && pooledTimeout == null) {
      pooledTimeout = driver.getNetworkTimeout();
    }
    if (pooledTimeout != null) {
      driver.setNetworkTimeout(Runnable::run, millis > 0 ? millis : pooledTimeout);
    }
  }

  /** The pool that it is from. */
  public EndpointPool pool() {
    return pool;
  }

  /**
   * Gives the connection back, unless it was aborted. The pool does not see what fails on the
   * driver's own connection, so one that was lost is taken out of the pool here, and those beside
   * it are suspected.
   *
   * @param failure what ended its use; null if nothing failed
   */
  public void end(@Nullable SQLException failure) {
    if (!stage.compareAndSet(Stage.LENT, Stage.ENDING)) {
      return;
    }
    boolean lost = failure != null && Fault.of(failure) == Fault.LOST;
    if (lost) {
      pool.suspect();
    }
    if (lost || isClosed()) {
      leave(pool::discard);
      return;
    }
    try {
      reset();
      pool.settle(pooled);
    } catch (SQLException e) {
      log.debug("a connection's session could not be made as it was, so it is closed", e);
      leave(pool::discard);
      return;
    } catch (RuntimeException | Error e) {
      BrokenOff.close(() -> driver, e);
      leave(pool::discard);
      throw e;
    }
    leave(pool::giveBack);
  }

  /** Unless it was aborted meanwhile. */
  private void leave(Consumer<Connection> how) {
    if (stage.compareAndSet(Stage.ENDING, Stage.OVER)) {
      how.accept(pooled);
    }
  }

  private void reset() throws SQLException {
    if (!resets.isEmpty()) {
      if (!pooled.getAutoCommit()) {
        pooled.rollback();
        pooled.setAutoCommit(true);
      }
      try (Statement statement = driver.createStatement()) {
        statement.execute(String.join(";", resets));
      }
    }
    networkTimeout(0);
  }

  /**
   * Closes the connection, whatever runs on it, unless it has been given back: then it may be
   * somebody else's. From any thread.
   */
  public void abort() {
    if (stage.getAndSet(Stage.OVER) != Stage.OVER) {
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
