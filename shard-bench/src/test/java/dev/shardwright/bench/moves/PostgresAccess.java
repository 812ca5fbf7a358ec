package dev.shardwright.bench.moves;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.testkit.PostgresServer;

/** The roles of the tests: services speak as {@link #APP}, movers as the server's superuser. */
final class PostgresAccess {
  static final String APP = "bank_app";
  static final String SECRET = "bank-secret";

  private PostgresAccess() {}

  static String user() {
    return PostgresServer.shared().user();
  }

  static String password() {
    return PostgresServer.shared().password();
  }

  static CredentialsProvider ofThisJvm() {
    return of(user(), password());
  }

  /** For another JVM, which has no server of its own. */
  static CredentialsProvider of(String user, String password) {
    return (shard, endpoint, role) ->
        role == Role.ADMIN ? Credentials.of(user, password) : Credentials.of(APP, SECRET);
  }
}
