package dev.shardwright.bench.moves;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The roles of the tests: services speak as {@link #APP}, movers as the server's superuser. */
final class PostgresAccess {
  static final String APP = "bank_app";
  static final String SECRET = "bank-secret";

  private PostgresAccess() {}

  static String user() {
    return PostgresOptions.DEFAULTS.user();
  }

  static String password() {
    return PostgresOptions.DEFAULTS.password();
  }

  /** Where it is not there yet. */
  static void makeRole(PostgresServer server) throws SQLException {
    synchronized (PostgresAccess.class) {
      try (Connection connection = server.connect();
          PreparedStatement statement =
              connection.prepareStatement("select from pg_roles where rolname = ?")) {
        statement.setString(1, APP);
        try (ResultSet rows = statement.executeQuery()) {
          if (rows.next()) {
            return;
          }
        }
      }
      server.createRole(APP, SECRET);
    }
  }

  /** The superuser is called the same on every server that was started with the usual options. */
  static CredentialsProvider ofThisJvm() {
    return of(user(), password());
  }

  /** For another JVM, which has no server of its own. */
  static CredentialsProvider of(String user, String password) {
    return (shard, endpoint, role) ->
        role == Role.ADMIN ? Credentials.of(user, password) : Credentials.of(APP, SECRET);
  }
}
