package dev.shardwright.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * An empty database on a server that others use too; dropped when closed, whoever is connected.
 *
 * @param server where it is
 * @param name its name
 */
public record TestDatabase(PostgresServer server, String name) implements AutoCloseable {

  /** The JDBC URL, without user and password. */
  public String url() {
    return server.url(name);
  }

  /** The superuser. */
  public String user() {
    return server.user();
  }

  /** The superuser's password. */
  public String password() {
    return server.password();
  }

  /** Connects as superuser. */
  public Connection connect() throws SQLException {
    return server.connect(name);
  }

  /** Runs one statement, or several separated by semicolons, as superuser. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Drops the database and ends the connections to it. Safe to call again. */
  @Override
  public void close() throws SQLException {
    server.dropDatabase(name);
  }
}
