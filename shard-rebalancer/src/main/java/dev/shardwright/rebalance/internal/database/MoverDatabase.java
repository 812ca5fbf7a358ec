package dev.shardwright.rebalance.internal.database;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.DriverManager;
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

  /** The server has it from version 17 on. Each statement and each silence has its own limit. */
  private static final String NO_TRANSACTION_TIMEOUT =
      "select pg_catalog.set_config('transaction_timeout', '0', false)"
          + " where pg_catalog.current_setting('transaction_timeout', true) is not null";

  /**
   * Names are found in {@code pg_catalog} only, rows are not filtered in silence, values have the
   * same text everywhere and are read as they were written, it may write wherever the service is
   * kept from it by default, each statement sees what was committed before it and keeps nobody from
   * committing, and what was committed is there after a crash. The server notices within two
   * seconds that its client is gone, also in the middle of a statement; of a session that rests,
   * within two minutes also if the client's machine is, and nothing on the way forgets it. Windows
   * of a primary key are read by its index: the planner multiplies the shares of a window's two
   * bounds and takes it for a large part of the table.
   */
  private static final String SETTINGS =
      """
      set search_path = pg_catalog;
      set row_security = off;
      set client_min_messages = warning;
      set datestyle = 'ISO, MDY';
      set intervalstyle = 'postgres';
      set timezone = 'UTC';
      set extra_float_digits = 1;
      set bytea_output = 'hex';
      set lc_monetary = 'C';
      set xmloption = content;
      set array_nulls = on;
      set default_transaction_read_only = off;
      set default_transaction_isolation = 'read committed';
      set default_transaction_deferrable = off;
      set synchronous_commit = on;
      set enable_seqscan = off;
      set client_connection_check_interval = 2000;
      set tcp_keepalives_idle = 60;
      set tcp_keepalives_interval = 10;
      set tcp_keepalives_count = 6;
      """;

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
    Connection connection =
        DriverManager.getConnection(shard.primary().url(), properties(limits.statement()));
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
      statement.execute(REPLICA + "; " + NO_TRANSACTION_TIMEOUT);
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
