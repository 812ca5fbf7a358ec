package dev.shardwright.rebalance.internal.database;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.internal.schema.EndpointSession;
import dev.shardwright.internal.schema.SessionSettings;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;

/** Opens the mover's sessions on the primary of one shard, as the admin role. Thread-safe. */
public final class MoverDatabase {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /**
   * Foreign keys were checked, and triggers acted, where the rows were written; ours fire always. A
   * role that may not set it goes without, and the preflight looks at the tables.
   */
  private static final String REPLICA =
      "select pg_catalog.set_config('session_replication_role', 'replica', false)"
          + " where pg_catalog.has_parameter_privilege('session_replication_role', 'SET')";

  /**
   * Windows of a primary key are read by its index: the planner multiplies the shares of a window's
   * two bounds and takes it for a large part of the table.
   */
  private static final String BY_INDEX = "set enable_seqscan = off";

  private final CredentialsProvider credentials;
  private final Shard shard;
  private final String name;

  /**
   * Connects to nothing yet.
   *
   * @param credentials asked for the admin role each time a session is opened
   * @param shard where the sessions go
   * @param mover whose sessions they are
   */
  public MoverDatabase(CredentialsProvider credentials, Shard shard, MoverIdentity mover) {
    this(credentials, shard, mover.applicationName());
  }

  private MoverDatabase(CredentialsProvider credentials, Shard shard, String name) {
    this.credentials = credentials;
    this.shard = shard;
    this.name = name;
  }

  /** Sessions as a mover has them, before there is one. */
  public static MoverDatabase forChecks(CredentialsProvider credentials, Shard shard) {
    return new MoverDatabase(credentials, shard, "shardwright mover check");
  }

  /** The shard whose database it is. */
  public Shard shard() {
    return shard;
  }

  /**
   * Opens a session in autocommit mode, for the caller to close.
   *
   * @param limits what the server holds the session to
   */
  public Connection open(SessionLimits limits) throws SQLException {
    Connection connection = EndpointSession.open(shard.primary(), properties(limits.statement()));
    try (Statement statement = connection.createStatement()) {
      statement.execute(SessionSettings.ADMIN);
      statement.execute(BY_INDEX + "; " + REPLICA);
      statement.execute(settings(limits));
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Properties properties(Duration longestStatement) throws SQLException {
    Credentials admin = credentials();
    Properties properties = new Properties();
    properties.setProperty("user", admin.user());
    admin.password().ifPresent(password -> properties.setProperty("password", password));
    properties.setProperty("ApplicationName", name);
    // What failed is logged, kept and shown: the server's details have whole rows in them.
    properties.setProperty("logServerErrorDetail", "false");
    properties.setProperty("connectTimeout", Long.toString(CONNECT.toSeconds()));
    properties.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
    // The server ends a slow statement; this is for a server that is no longer there.
    properties.setProperty(
        "socketTimeout", Long.toString(longestStatement.plus(CONNECT).toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  private Credentials credentials() throws SQLException {
    try {
      return credentials.credentialsFor(shard.id(), shard.primary(), Role.ADMIN);
    } catch (RuntimeException e) {
      throw new SQLException("the credentials provider gave none: " + e.getMessage(), e);
    }
  }

  /**
   * The time for which TCP data may wait counts while a COPY waits for its other end too: were it
   * shorter than a statement may take, a busy target would cost the session on the source.
   */
  private static String settings(SessionLimits limits) {
    return """
        set statement_timeout = %1$d;
        set tcp_user_timeout = %1$d;
        set lock_timeout = %2$d;
        set idle_in_transaction_session_timeout = %3$d;
        set idle_session_timeout = %4$d;
        """
        .formatted(
            limits.statement().toMillis(),
            limits.lock().toMillis(),
            limits.idleInTransaction().toMillis(),
            limits.idle().toMillis());
  }
}
