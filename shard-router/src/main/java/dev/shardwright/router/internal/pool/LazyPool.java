package dev.shardwright.router.internal.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** HikariCP's pool for one endpoint, made when it is first needed. Thread-safe. */
final class LazyPool implements AutoCloseable {
  /** How long HikariCP lets a caller wait: the shortest that it allows. */
  static final Duration SLICE = Duration.ofMillis(250);

  private static final Duration VALIDATION = Duration.ofSeconds(1);

  private final String name;
  private final DataSource connections;
  private final PoolSettings settings;
  private final ScheduledExecutorService housekeeping;
  private final @Nullable AcquireMetrics metrics;
  private volatile @Nullable HikariDataSource running;
  private volatile boolean closed;

  /**
   * @param connections opens them
   */
  LazyPool(
      String name,
      DataSource connections,
      PoolSettings settings,
      ScheduledExecutorService housekeeping,
      @Nullable AcquireMetrics metrics) {
    this.name = name;
    this.connections = connections;
    this.settings = settings;
    this.housekeeping = housekeeping;
    this.metrics = metrics;
  }

  /** The pool, if it was needed before. */
  @Nullable HikariDataSource ifStarted() {
    return running;
  }

  /** The pool; null if it was closed before it was needed. */
  @Nullable HikariDataSource started() {
    HikariDataSource now = running;
    return now != null ? now : start();
  }

  private synchronized @Nullable HikariDataSource start() {
    if (running == null && !closed) {
      running = new HikariDataSource(config());
    }
    return running;
  }

  private HikariConfig config() {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setDataSource(connections);
    config.setMaximumPoolSize(settings.maxConnections());
    // Nothing is opened ahead of demand: HikariCP then stops trying as soon as nobody waits, so
    // that a shard that is down is probed at our pace.
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(SLICE.toMillis());
    config.setValidationTimeout(VALIDATION.toMillis());
    config.setIdleTimeout(settings.idleTimeout().toMillis());
    config.setMaxLifetime(settings.maxLifetime().toMillis());
    config.setScheduledExecutor(housekeeping);
    config.setExceptionOverride(new Refusals());
    if (metrics != null) {
      config.setMetricsTrackerFactory(metrics);
    }
    return config;
  }

  /**
   * HikariCP goes by the SQLSTATE, and a statement can be refused with any. The session goes on
   * then, and so may its transaction, from a savepoint.
   */
  private static final class Refusals implements SQLExceptionOverride {
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException e) {
      SQLException origin = e.getCause() instanceof SQLException cause ? cause : e; // of a batch
      ServerErrorMessage said =
          origin instanceof PSQLException server ? server.getServerErrorMessage() : null;
      boolean goesOn =
          said != null
              && "ERROR".equals(said.getSeverity())
              && said.getRoutine() != null // a proxy that ends the session names none
              && origin.getNextException() == null;
      return goesOn
          ? SQLExceptionOverride.Override.DO_NOT_EVICT
          : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
  }

  /**
   * How it is now.
   *
   * @param failure why the last connection could not be opened; empty if it could
   */
  PoolState state(Optional<String> failure) {
    HikariDataSource now = running;
    if (now == null || now.isClosed()) {
      return new PoolState(0, 0, 0, 0, failure);
    }
    HikariPoolMXBean numbers = now.getHikariPoolMXBean();
    return new PoolState(
        numbers.getTotalConnections(),
        numbers.getActiveConnections(),
        numbers.getIdleConnections(),
        numbers.getThreadsAwaitingConnection(),
        failure);
  }

  /** Closes the idle connections, and those in use as soon as they are given back. */
  void retireAll() {
    HikariDataSource now = running;
    if (now != null && !now.isClosed()) {
      now.getHikariPoolMXBean().softEvictConnections();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes the idle connections and aborts those in use. Safe to call twice. */
  @Override
  public void close() {
    HikariDataSource now;
    synchronized (this) {
      closed = true;
      now = running;
    }
    if (now != null) {
      now.close();
    }
  }
}
