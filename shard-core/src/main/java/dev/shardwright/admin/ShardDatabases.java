package dev.shardwright.admin;

import com.google.common.base.Strings;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.internal.schema.EndpointSession;
import dev.shardwright.internal.schema.SessionSettings;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;

/**
 * Runs work on the shards' primaries as the admin role, with every wait bounded, and failures told
 * in terms of the shard. Each piece of work has a connection for itself, which is as new; within
 * {@link #sharing} it may be one that work before it has left. Thread-safe.
 */
final class ShardDatabases {
  private static final String NAME = "shardwright-admin";
  private static final String WRONG_PASSWORD = "28P01";
  private static final String LOCK_TIMEOUT = "55P03";
  private static final String CANCELLED = "57014";
  private static final String DEADLOCK = "40P01";
  private static final String PRIVILEGE = "42501";
  private static final String FOREIGN_KEY = "23503";
  private static final String CONNECTION_CLASS = "08";

  /** What to run. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** What to run for its effect. */
  @FunctionalInterface
  interface Task {
    void run(Connection connection) throws SQLException;
  }

  private final CredentialsProvider credentials;
  private final ClusterAdminOptions options;
  private final IdleSessions idle = new IdleSessions();

  ShardDatabases(CredentialsProvider credentials, ClusterAdminOptions options) {
    this.credentials = credentials;
    this.options = options;
  }

  /**
   * Runs an operation whose pieces of work come to the same shards again and again: they share
   * connections, since opening one takes longer than most of what is done on it.
   */
  <T> T sharing(Supplier<T> operation) {
    idle.begin();
    try {
      return operation.get();
    } finally {
      idle.end();
    }
  }

  /**
   * Runs work on a connection in autocommit mode.
   *
   * @param purpose completes "… failed", for messages
   * @throws ChangeFailed if there are no credentials, the database is out of reach or a statement
   *     fails
   */
  <T> T on(Shard shard, String purpose, Work<T> work) {
    Credentials admin = credentials(shard);
    try {
      return run(new IdleSessions.Kind(shard.primary(), admin), work);
    } catch (SQLException e) {
      throw new ChangeFailed(
          "shard %s (%s as %s): %s failed: %s"
              .formatted(
                  shard.id(),
                  shard.primary().url(),
                  admin.user(),
                  purpose,
                  explain(e, shard.primary())),
          e);
    }
  }

  /** What failed may have left anything behind, so only what went well leaves its connection. */
  private <T> T run(IdleSessions.Kind kind, Work<T> work) throws SQLException {
    Connection connection = connection(kind);
    boolean left = false;
    try {
      T result = work.run(connection);
      if (connection.getAutoCommit()) {
        left = true;
        idle.leave(kind, connection);
      }
      return result;
    } finally {
      if (!left) {
        connection.close();
      }
    }
  }

  /** One that cannot be made as new is none: its server may have gone meanwhile. */
  private Connection connection(IdleSessions.Kind kind) throws SQLException {
    Optional<Connection> left = idle.poll(kind);
    if (left.isPresent()) {
      try {
        renew(left.get());
        return left.get();
      } catch (SQLException e) {
        left.get().close();
      }
    }
    return open(kind.endpoint(), kind.credentials());
  }

  /** In the time that opening one may take: the server's machine may have gone without a word. */
  private void renew(Connection connection) throws SQLException {
    int patience = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, (int) options.connectTimeout().toMillis());
    try (Statement statement = connection.createStatement()) {
      statement.execute("discard all");
    }
    prepare(connection);
    connection.setNetworkTimeout(Runnable::run, patience);
  }

  /** Runs work without a result, as {@link #on} does. */
  void run(Shard shard, String purpose, Task task) {
    on(
        shard,
        purpose,
        connection -> {
          task.run(connection);
          return true;
        });
  }

  private Credentials credentials(Shard shard) {
    try {
      return credentials.credentialsFor(shard.id(), shard.primary(), Role.ADMIN);
    } catch (RuntimeException e) {
      throw new ChangeFailed(
          "shard %s (%s): the credentials provider gave none: %s"
              .formatted(shard.id(), shard.primary().url(), e.getMessage()),
          e);
    }
  }

  private Connection open(Endpoint endpoint, Credentials admin) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", admin.user());
    admin.password().ifPresent(password -> properties.setProperty("password", password));
    properties.setProperty("ApplicationName", NAME);
    properties.setProperty("connectTimeout", seconds(options.connectTimeout()));
    properties.setProperty("loginTimeout", seconds(options.connectTimeout()));
    // The server ends a slow statement; this is for a server that is no longer there.
    properties.setProperty(
        "socketTimeout", seconds(options.statementTimeout().plus(options.connectTimeout())));
    properties.setProperty("tcpKeepAlive", "true");
    Connection connection = EndpointSession.open(endpoint, properties);
    try {
      prepare(connection);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Neither a statement nor its wait for a lock goes on for ever. A session that holds a lock while
   * other shards have their turn is not ended for its silence.
   */
  private void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          set application_name = '%s';
          set idle_in_transaction_session_timeout = 0;
          set idle_session_timeout = 0;
          set lock_timeout = %d;
          set statement_timeout = %d;
          """
              .concat(SessionSettings.ADMIN)
              .formatted(
                  NAME, options.lockTimeout().toMillis(), options.statementTimeout().toMillis()));
    }
  }

  private String explain(SQLException failure, Endpoint endpoint) {
    String said = Strings.nullToEmpty(failure.getMessage());
    return switch (Strings.nullToEmpty(failure.getSQLState())) {
      case WRONG_PASSWORD ->
          said + " (check what the credentials provider gives for this endpoint and user)";
      case LOCK_TIMEOUT ->
          "no lock within %s ms, another transaction holds it (%s): end it, then run this again"
              .formatted(options.lockTimeout().toMillis(), said);
      case CANCELLED ->
          "%s (a statement may take %s ms here: ClusterAdminOptions.statementTimeout sets that, and --timeout of shard-admin fsck)"
              .formatted(said, options.statementTimeout().toMillis());
      case DEADLOCK -> said + " (run this again)";
      case PRIVILEGE ->
          said + " (the admin role must own the tables and may create a schema in the database)";
      case FOREIGN_KEY ->
          said + " (register the table that it refers to first, so that it has its rows)";
      default ->
          Strings.nullToEmpty(failure.getSQLState()).startsWith(CONNECTION_CLASS)
              ? said + whatToCheck(endpoint)
              : said;
    };
  }

  private static String whatToCheck(Endpoint endpoint) {
    return endpoint.url().contains("ssl")
        ? " (is the server up, and reachable from here? Is its certificate signed by what sslrootcert of the URL names, and does it name the host?)"
        : " (is the server up, and reachable from here?)";
  }

  private static String seconds(Duration wait) {
    return Long.toString(Math.max(1, wait.toSeconds()));
  }
}
