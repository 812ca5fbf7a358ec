package dev.shardwright.router.internal.pool;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.internal.schema.EndpointSession;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to one endpoint and introduces the router there. Asks for the credentials each
 * time. Thread-safe.
 */
final class Connector {
  private static final Logger log = LoggerFactory.getLogger(Connector.class);

  /**
   * Sets the deadline of statements, takes the router's lock, checks its epoch, and tells which
   * shard this is and what its sessions begin with: one round trip.
   */
  private static final String ENTER =
      "select shardwright.enter(?, ?) as identity, "
          + SessionDefaults.COLUMNS
          + ", set_config('statement_timeout', ?, false)";

  /** Where sessions are shared there is no lock to hold, and no setting to keep. */
  private static final String ENTER_SHARED =
      "select shardwright.enter(0, ?) as identity, " + SessionDefaults.COLUMNS;

  /**
   * How much later than the server the client gives up on a statement: for networks that are
   * frozen, so that the server's answer does not come.
   */
  private static final Duration BACKSTOP = Duration.ofSeconds(3);

  private final ShardId shard;
  private final Endpoint endpoint;
  private final CredentialsProvider provider;
  private final RouterIdentity identity;
  private final PoolSettings settings;
  private final SocketWatch watch;
  private final Runnable onChange;
  private final Consumer<SessionDefaults> onDefaults;
  private final Set<Connection> opened = Collections.newSetFromMap(new WeakHashMap<>());
  private volatile @Nullable Credentials last;
  private volatile SessionDefaults defaults = SessionDefaults.USUAL;
  private volatile Epoch newest = Epoch.NONE;

  /**
   * @param onChange called after a connection was opened with other credentials than the one
   *     before, or whose session begins with something else
   * @param onDefaults takes what each session that is opened begins with
   */
  Connector(
      ShardId shard,
      Endpoint endpoint,
      CredentialsProvider provider,
      RouterIdentity identity,
      PoolSettings settings,
      SocketWatch watch,
      Runnable onChange,
      Consumer<SessionDefaults> onDefaults) {
    this.shard = shard;
    this.endpoint = endpoint;
    this.provider = provider;
    this.identity = identity;
    this.settings = settings;
    this.watch = watch;
    this.onChange = onChange;
    this.onDefaults = onDefaults;
  }

  /** A connection on which the router has entered. */
  Connection connect() throws NoConnection {
    Credentials credentials = credentials();
    Epoch epoch = identity.epoch().get();
    Connection connection = null;
    SessionDefaults begins;
    try {
      connection = EndpointSession.open(endpoint, properties(credentials));
      begins = enter(connection, epoch);
      connection.setNetworkTimeout(
          Runnable::run, millis(settings.statement().plus(BACKSTOP).toMillis()));
    } catch (SQLException e) {
      closeAfter(e, connection);
      throw e instanceof NoConnection known ? known : refused(credentials, epoch, e);
    }
    synchronized (opened) {
      opened.add(connection);
      newest = epoch.isAfter(newest) ? epoch : newest;
    }
    Credentials before = last;
    SessionDefaults begunBefore = defaults;
    last = credentials;
    defaults = begins;
    onDefaults.accept(begins);
    if (before != null && !(before.equals(credentials) && begunBefore.equals(begins))) {
      onChange.run();
    }
    return connection;
  }

  /** What the session that was opened last began with; what is usual before the first. */
  SessionDefaults defaults() {
    return defaults;
  }

  /** The newest epoch at which the router has entered, on whichever connection. */
  Epoch newest() {
    return newest;
  }

  /** Asks the server to end what runs on the connections that are open. */
  void cancelRunning() {
    List<Connection> running;
    synchronized (opened) {
      running = List.copyOf(opened);
    }
    long began = System.nanoTime();
    for (Connection connection : running) {
      if (System.nanoTime() - began > settings.connect().toNanos()) {
        return;
      }
      try {
        if (!connection.isClosed()) {
          connection.unwrap(BaseConnection.class).cancelQuery();
        }
      } catch (SQLException e) {
        // The connection is about to be cut in any case.
        log.debug("shard {} at {}: a statement could not be cancelled", shard, endpoint, e);
      }
    }
  }

  private Credentials credentials() throws NoConnection {
    try {
      return provider.credentialsFor(shard, endpoint, Role.APP);
    } catch (RuntimeException e) {
      throw new NoConnection(
          NoConnection.Reason.CANNOT_CONNECT,
          "shard %s at %s: the credentials provider gave none: %s"
              .formatted(shard, endpoint, e.getMessage()),
          e);
    }
  }

  private Properties properties(Credentials credentials) {
    String seconds = Long.toString(Math.max(1, settings.connect().toSeconds()));
    Properties properties = new Properties();
    properties.setProperty("user", credentials.user());
    credentials.password().ifPresent(secret -> properties.setProperty("password", secret));
    properties.setProperty("ApplicationName", "shardwright router " + identity.router());
    properties.setProperty("connectTimeout", seconds);
    // Bounds each answer while signing in; replaced once the router has entered.
    properties.setProperty("socketTimeout", seconds);
    properties.setProperty("cancelSignalTimeout", seconds);
    properties.setProperty("tcpKeepAlive", "true");
    WatchedSocketFactory.use(watch, properties);
    if (settings.pgBouncer()) {
      properties.setProperty("prepareThreshold", "0");
    } else {
      // Spares the driver two statements of its own.
      properties.setProperty("assumeMinServerVersion", "15");
    }
    return properties;
  }

  private SessionDefaults enter(Connection connection, Epoch epoch) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(settings.pgBouncer() ? ENTER_SHARED : ENTER)) {
      if (settings.pgBouncer()) {
        statement.setLong(1, epoch.value());
      } else {
        statement.setInt(1, identity.router());
        statement.setLong(2, epoch.value());
        statement.setString(3, Long.toString(settings.statement().toMillis()));
      }
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        checkIdentity(rows.getString("identity"));
        return SessionDefaults.read(rows);
      }
    }
  }

  private void checkIdentity(@Nullable String answered) throws NoConnection {
    String expected = identity.cluster() + "/" + shard;
    if (!expected.equals(answered)) {
      throw new NoConnection(
          NoConnection.Reason.CANNOT_CONNECT,
          ("%s is the database of %s, but the topology calls it %s:"
                  + " correct the endpoint of the shard")
              .formatted(endpoint, answered, expected),
          null);
    }
  }

  private NoConnection refused(Credentials credentials, Epoch epoch, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    NoConnection.Reason reason =
        state.equals(SqlStates.STALE_EPOCH)
            ? NoConnection.Reason.STALE_EPOCH
            : NoConnection.Reason.CANNOT_CONNECT;
    String remedy =
        switch (state) {
          case "28P01", "28000" ->
              "; check what the credentials provider gives for user " + credentials.user();
          case "3F000", "42883", "42501" ->
              "; the schema shardwright must be there, and user "
                  + credentials.user()
                  + " allowed to use it: add the shard through ClusterAdmin";
          default -> "";
        };
    return new NoConnection(
        reason,
        "shard %s at %s, signing in as %s at epoch %s: %s%s"
            .formatted(shard, endpoint.url(), credentials.user(), epoch, e.getMessage(), remedy),
        e);
  }

  private static void closeAfter(SQLException failure, @Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private static int millis(long millis) {
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }
}
