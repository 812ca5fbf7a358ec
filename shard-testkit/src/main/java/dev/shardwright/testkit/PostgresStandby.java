package dev.shardwright.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * An asynchronous standby of a {@link PostgresServer}: a copy of its data in a server of its own
 * that streams the log from it, until it is detached. {@link PostgresServer#failOverTo} promotes it
 * in the place of its primary. For reads it can be connected to like any server.
 *
 * <p>Thread-safe. Closing it ends it and removes its data, as does the end of the JVM.
 */
public final class PostgresStandby implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PostgresServer primary;
  private final PostgresOptions options;
  private final PostgresBackend backend;
  private final String slot;
  private final Runnable cleanup = this::remove;
  private boolean detached;
  private boolean gone;

  private PostgresStandby(
      PostgresServer primary, PostgresOptions options, PostgresBackend backend, String slot) {
    this.primary = primary;
    this.options = options;
    this.backend = backend;
    this.slot = slot;
  }

  static PostgresStandby start(
      PostgresServer primary, PostgresOptions options, PostgresBackend of, String slot)
      throws SQLException {
    primary.execute("select pg_create_physical_replication_slot('%s', true)".formatted(slot));
    PostgresBackend backend;
    try {
      backend = of.standby(slot);
    } catch (SQLException | RuntimeException e) {
      try {
        primary.execute("select pg_drop_replication_slot('%s')".formatted(slot));
      } catch (SQLException dropping) {
        e.addSuppressed(dropping);
      }
      throw e;
    }
    PostgresStandby standby = new PostgresStandby(primary, options, backend, slot);
    Cleanup.add(standby.cleanup);
    try {
      standby.backend.start();
      return standby;
    } catch (RuntimeException e) {
      standby.close();
      throw e;
    }
  }

  /** The JDBC URL of a database, without user and password; for reads only. */
  public String url(String database) {
    return backend.url(database);
  }

  /**
   * Ends the streaming. It has all that was committed on its primary when this was called; what is
   * committed there after this returns, it will never have. Safe to call again.
   */
  public synchronized void detach() throws SQLException {
    checkNotGone();
    if (detached) {
      return;
    }
    String committed;
    try (Connection connection = primary.connect()) {
      committed = answer(connection, "select pg_current_wal_flush_lsn()");
    }
    try (Connection connection =
            DriverManager.getConnection(url("postgres"), options.user(), options.password());
        Statement statement = connection.createStatement()) {
      await(connection, "select pg_last_wal_replay_lsn() >= '%s'".formatted(committed));
      statement.execute("alter system set primary_conninfo = ''");
      statement.execute("select pg_reload_conf()");
      await(connection, "select count(*) = 0 from pg_stat_wal_receiver");
    }
    detached = true;
    dropSlot();
  }

  /** Stops all its processes where they are: it falls behind, until {@link #thaw}. */
  public synchronized void freeze() {
    checkNotGone();
    backend.freeze();
  }

  /** Lets it go on, and catch up. */
  public synchronized void thaw() {
    checkNotGone();
    backend.thaw();
  }

  /** Ends it, and removes its data. Safe to call again. */
  @Override
  public synchronized void close() {
    boolean streamed = !gone && !detached;
    remove();
    Cleanup.done(cleanup);
    if (streamed) {
      try {
        dropSlot();
      } catch (SQLException e) {
        return; // its primary does not run: it has been ended, as a rule for good
      }
    }
  }

  synchronized void checkOf(PostgresServer server) {
    checkNotGone();
    if (server != primary) {
      throw new IllegalStateException(
          "this is a standby of the server on port %d, not of that on port %d"
              .formatted(primary.port(), server.port()));
    }
  }

  /** Gives its data to its primary, which must have ended; it is gone with that. */
  synchronized void giveTo(PostgresBackend place) {
    backend.stop();
    place.takeOver(backend);
    remove();
    Cleanup.done(cleanup);
  }

  private synchronized void remove() {
    if (!gone) {
      gone = true;
      backend.remove();
    }
  }

  /** Else the primary would keep its log for a standby that does not come back. */
  private void dropSlot() throws SQLException {
    try (Connection connection = primary.connect();
        Statement statement = connection.createStatement()) {
      await(
          connection,
          "select not active from pg_replication_slots where slot_name = '%s'".formatted(slot));
      statement.execute("select pg_drop_replication_slot('%s')".formatted(slot));
    }
  }

  private void checkNotGone() {
    if (gone) {
      throw new IllegalStateException(
          "the standby of the PostgreSQL server on port " + primary.port() + " is gone");
    }
  }

  private void await(Connection connection, String condition) {
    boolean holds =
        Processes.await(
            () -> {
              try {
                return answer(connection, condition).equals("t");
              } catch (SQLException e) {
                throw new IllegalStateException("a standby could not be asked: " + condition, e);
              }
            },
            LIMIT);
    if (!holds) {
      throw new IllegalStateException(
          "within %s this did not come to hold: %s; the log of the standby:%n%s"
              .formatted(LIMIT, condition, backend.log()));
    }
  }

  private static String answer(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
