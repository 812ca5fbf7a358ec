package dev.shardwright.router.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to one endpoint: a HikariCP pool, made when the first is asked for. Thread-safe.
 *
 * <p>Callers wait in slices, so that those in line learn within a slice that the shard is down, not
 * after the whole time that they would wait for a free connection.
 */
public final class EndpointPool implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EndpointPool.class);

  private static final long SUSPECT_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ShardId shard;
  private final Endpoint endpoint;
  private final PoolSettings settings;
  private final @Nullable AcquireMetrics metrics;
  private final FailFast failFast = new FailFast(System::nanoTime);
  private final Connector connector;
  private final AtomicLong suspectedAt = new AtomicLong(System.nanoTime() - SUSPECT_PAUSE_NANOS);
  private final LazyPool pool;
  private volatile boolean retired;

  EndpointPool(
      ShardId shard,
      Endpoint endpoint,
      PoolSettings settings,
      CredentialsProvider credentials,
      RouterIdentity identity,
      ScheduledExecutorService housekeeping,
      SocketWatch watch,
      Consumer<SessionDefaults> onDefaults,
      @Nullable AcquireMetrics metrics) {
    this.shard = shard;
    this.endpoint = endpoint;
    this.settings = settings;
    this.metrics = metrics;
    this.connector =
        new Connector(
            shard, endpoint, credentials, identity, settings, watch, this::retireAll, onDefaults);
    this.pool =
        new LazyPool(
            name(),
            new EndpointDataSource(connector, failFast, settings.connect()),
            settings,
            housekeeping,
            metrics);
  }

  /**
   * A connection in autocommit mode, to be handed to {@link #giveBack} by the same caller.
   *
   * @param epoch of the topology that the caller goes by
   * @throws NoConnection if none could be had within the time to acquire one, or the router has
   *     entered with a newer topology meanwhile
   */
  public Connection borrow(Epoch epoch) throws NoConnection {
    return borrow(epoch, EndpointPool::asLongAsAllowed);
  }

  /**
   * The same, for a caller who may wait for less.
   *
   * @param patience how many nanoseconds more the caller will wait, asked again and again while it
   *     does; 0 or less to give up
   */
  public Connection borrow(Epoch epoch, LongSupplier patience) throws NoConnection {
    Connection connection = acquire(patience);
    if (retired) {
      // It may have been opened after whoever waited for it should have ended.
      discard(connection);
      throw closed(null);
    }
    if (connector.newest().isAfter(epoch)) {
      // A range may have changed hands in between, and nobody waited for a router that had no
      // session. Which connection it is does not matter: to begin again costs little.
      giveBack(connection);
      throw outdated(epoch);
    }
    return connection;
  }

  private Connection acquire(LongSupplier patience) throws NoConnection {
    HikariDataSource connections = started();
    NoConnection known = failFast.last();
    if (known != null) {
      refuseIfNewOneIsNeeded(connections);
    }
    try {
      return connections.getConnection();
    } catch (SQLTransientConnectionException firstSlice) {
      return waitInLine(connections, patience, firstSlice);
    } catch (SQLException e) {
      throw notGiven(e);
    }
  }

  /**
   * Takes a connection back: rolls back what was not committed, restores autocommit, isolation,
   * read-only and holdability. One whose state cannot be restored is closed instead.
   */
  public void giveBack(Connection connection) {
    try {
      if (!connection.isClosed()) {
        endTransaction(connection);
        restoreHoldability(connection);
      }
    } catch (SQLException e) {
      // Nobody knows what is left on it. The caller's result, or its failure, stands.
      log.debug("{}: a connection could not be taken back", name(), e);
      discard(connection);
      return;
    } catch (RuntimeException | Error e) {
      brokenOff(connection, e);
      throw e;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("{}: a connection that was taken back is closed", name(), e);
      discard(connection);
    }
  }

  /** The pool would talk to its server once more before it lent it again, or closed it. */
  private void brokenOff(Connection connection, Throwable why) {
    BrokenOff.close(() -> connection, why);
    discard(connection);
  }

  /**
   * Takes back a connection on which its borrower could do anything. It is lent again only if its
   * session is as it was, which takes one statement to know; behind a proxy that shares sessions
   * there is no session to look at.
   */
  public void giveBackSession(Connection connection) {
    boolean changed = true;
    try {
      if (!connection.isClosed()) {
        endTransaction(connection);
        connection.setAutoCommit(true);
        changed = !settings.pgBouncer() && SessionCheck.isChanged(connection, settings.statement());
      }
    } catch (SQLException e) {
      log.debug("{}: a session could not be looked at, so it is closed", name(), e);
    } catch (RuntimeException | Error e) {
      brokenOff(connection, e);
      throw e;
    }
    if (changed) {
      discard(connection);
    } else {
      giveBack(connection);
    }
  }

  /** Closes a connection instead of lending it again. */
  public void discard(Connection connection) {
    HikariDataSource connections = pool.ifStarted();
    if (connections != null) {
      connections.evictConnection(connection);
    }
  }

  /**
   * A connection was lost. The others have probably gone with it, so the idle ones are closed
   * rather than lent to somebody who might send a write into the void.
   */
  public void suspect() {
    long now = System.nanoTime();
    long before = suspectedAt.get();
    if (now - before >= SUSPECT_PAUSE_NANOS && suspectedAt.compareAndSet(before, now)) {
      retireAll();
    }
  }

  /** What a session begins with that is lent now. */
  public SessionDefaults defaults() {
    return connector.defaults();
  }

  /** How the pool is now. */
  public PoolState state() {
    return pool.state(Optional.ofNullable(failFast.last()).map(NoConnection::getMessage));
  }

  /** The shard that the connections are to. */
  public ShardId shard() {
    return shard;
  }

  /** Where the connections go. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Gives no connection any more, while those that are lent may be used to their ends. Its metrics
   * make room for those of the pool that takes its place.
   */
  void retire() {
    retired = true;
    if (metrics != null) {
      metrics.close();
    }
  }

  /** Asks the server to end what runs. */
  void cancelRunning() {
    connector.cancelRunning();
  }

  /** Closes the idle connections and aborts those in use. Safe to call twice. */
  @Override
  public void close() {
    pool.close();
  }

  private void retireAll() {
    pool.retireAll();
  }

  private static long asLongAsAllowed() {
    return Long.MAX_VALUE;
  }

  private void refuseIfNewOneIsNeeded(HikariDataSource connections) throws NoConnection {
    if (connections.getHikariPoolMXBean().getIdleConnections() > 0) {
      return;
    }
    NoConnection failure = failFast.current();
    if (failure != null) {
      throw failure.again();
    }
  }

  private Connection waitInLine(
      HikariDataSource connections,
      LongSupplier patience,
      SQLTransientConnectionException firstSlice)
      throws NoConnection {
    long began = System.nanoTime() - LazyPool.SLICE.toNanos();
    long deadline = began + settings.acquire().toNanos();
    SQLException last = firstSlice;
    do {
      NoConnection failure = failFast.since(began);
      if (failure != null) {
        throw failure.again();
      }
      if (retired) {
        throw closed(last);
      }
      try {
        return connections.getConnection();
      } catch (SQLTransientConnectionException slice) {
        last = slice;
      } catch (SQLException e) {
        throw notGiven(e);
      }
    } while (System.nanoTime() - deadline < 0 && patience.getAsLong() > 0);
    if (metrics != null) {
      metrics.timedOut();
    }
    throw timedOut(connections, Duration.ofNanos(System.nanoTime() - began), last);
  }

  private NoConnection timedOut(HikariDataSource connections, Duration waited, SQLException cause) {
    HikariPoolMXBean numbers = connections.getHikariPoolMXBean();
    return new NoConnection(
        NoConnection.Reason.TIMED_OUT,
        ("shard %s at %s: no connection became free within %s ms"
                + " (total %s of %s, active %s, idle %s, waiting %s): transactions or connections"
                + " that nobody closed may hold them, else they are too few: raise"
                + " RouterOptions.withPools, or for a URL the property profile")
            .formatted(
                shard,
                endpoint,
                waited.toMillis(),
                numbers.getTotalConnections(),
                settings.maxConnections(),
                numbers.getActiveConnections(),
                numbers.getIdleConnections(),
                numbers.getThreadsAwaitingConnection()),
        cause);
  }

  private NoConnection notGiven(SQLException e) {
    if (pool.isClosed()) {
      return closed(e);
    }
    if (Thread.currentThread().isInterrupted()) {
      return new NoConnection(
          NoConnection.Reason.INTERRUPTED,
          "shard %s at %s: interrupted while waiting for a connection".formatted(shard, endpoint),
          e);
    }
    return new NoConnection(
        NoConnection.Reason.CANNOT_CONNECT,
        "shard %s at %s: %s".formatted(shard, endpoint, e.getMessage()),
        e);
  }

  private NoConnection outdated(Epoch epoch) {
    return new NoConnection(
        NoConnection.Reason.OUTDATED,
        "shard %s at %s: the router has entered there at epoch %s, the work was routed at %s"
            .formatted(shard, endpoint, connector.newest(), epoch),
        null);
  }

  private NoConnection closed(@Nullable SQLException cause) {
    return new NoConnection(
        NoConnection.Reason.CLOSED,
        "shard %s at %s: the pool is closed".formatted(shard, endpoint),
        cause);
  }

  /**
   * Rolls back what was not committed, for which it waits as long as the server takes: for those
   * who want to end that wait, as nobody can once the connection is taken back.
   */
  public void settle(Connection connection) throws SQLException {
    if (!connection.isClosed()) {
      endTransaction(connection);
    }
  }

  /** Which HikariCP does not. */
  private static void restoreHoldability(Connection connection) throws SQLException {
    if (connection.getHoldability() != ResultSet.CLOSE_CURSORS_AT_COMMIT) {
      connection.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
    }
  }

  private static void endTransaction(Connection connection) throws SQLException {
    if (connection.unwrap(BaseConnection.class).getTransactionState() == TransactionState.IDLE) {
      return;
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
    } else {
      // Somebody began it in SQL, behind the driver's back.
      connection.unwrap(BaseConnection.class).execSQLUpdate("rollback");
    }
  }

  private HikariDataSource started() throws NoConnection {
    HikariDataSource connections = pool.started();
    if (connections == null) {
      throw closed(null);
    }
    return connections;
  }

  private String name() {
    return shard + " " + endpoint.url();
  }
}
