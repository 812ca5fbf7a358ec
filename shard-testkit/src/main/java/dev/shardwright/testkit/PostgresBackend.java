package dev.shardwright.testkit;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** One PostgreSQL server as {@link PostgresServer} steers it. Called by one thread at a time. */
sealed interface PostgresBackend permits LocalPostgres, ContainerPostgres {

  String host();

  /** The same from the first start to the end. */
  int port();

  /** The JDBC URL of a database, without user and password. */
  default String url(String database) {
    return "jdbc:postgresql://%s:%d/%s".formatted(host(), port(), database);
  }

  /** Starts the server on its data and returns once it accepts connections. */
  void start();

  boolean running();

  /** Ends the server in order; open connections are closed. */
  void stop();

  /** Ends all its processes at once and without warning; the data stay. */
  void kill();

  /** Stops all its processes where they are; connections stay open and hear nothing. */
  void freeze();

  /** Lets a frozen server go on. */
  void thaw();

  /** What the server has logged so far. */
  String log();

  /** The certificate that clients must trust, as a PEM file; none where TLS is off. */
  Optional<Path> certificate();

  /**
   * Copies the data of the running server for a standby that streams from it, and is not started
   * yet.
   *
   * @param slot of the server, which keeps the log for the standby from now on
   */
  PostgresBackend standby(String slot) throws SQLException;

  /** Takes the data of a standby, which is gone with that, in place of its own. Both are ended. */
  void takeOver(PostgresBackend standby);

  /** Ends the server and removes its data. */
  void remove();
}
