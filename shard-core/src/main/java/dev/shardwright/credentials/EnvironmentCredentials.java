package dev.shardwright.credentials;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The default source of credentials: environment variables, then PostgreSQL's password file.
 *
 * <p>The app role is the endpoint's user. Its password is {@code SHARDWRIGHT_PASSWORD_<SHARD>} (the
 * shard's id in upper case, {@code _} for {@code -}), else {@code SHARDWRIGHT_PASSWORD}. The admin
 * role is {@code SHARDWRIGHT_ADMIN_USER} with {@code SHARDWRIGHT_ADMIN_PASSWORD}; without that
 * user, the endpoint's user acts as the admin. A password that no variable holds is looked up in
 * the file named by {@code PGPASSFILE}, else in {@code .pgpass} in the home directory, by libpq's
 * rules. If that has none either, the connection is tried without a password.
 *
 * <p>Reads everything afresh on each call, so that a changed file is picked up. Thread-safe if the
 * environment is.
 */
public final class EnvironmentCredentials implements CredentialsProvider {
  private static final String PASSWORD = "SHARDWRIGHT_PASSWORD";
  private static final String ADMIN_USER = "SHARDWRIGHT_ADMIN_USER";
  private static final String ADMIN_PASSWORD = "SHARDWRIGHT_ADMIN_PASSWORD";
  private static final String PASSWORD_FILE = "PGPASSFILE";

  private final Function<String, @Nullable String> environment;
  private final Path home;

  /** Of this process and its user. */
  public EnvironmentCredentials() {
    this(System::getenv, Path.of(System.getProperty("user.home")));
  }

  /**
   * Of another environment.
   *
   * @param environment the value of a variable, or null if it is not set
   * @param home the directory of {@code .pgpass}
   */
  public EnvironmentCredentials(Function<String, @Nullable String> environment, Path home) {
    this.environment = environment;
    this.home = home;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the password file is needed, and others than its owner may use
   *     it
   * @throws UncheckedIOException if the password file is needed and cannot be read; a malformed
   *     line of it is passed over
   */
  @Override
  public Credentials credentialsFor(ShardId shard, Endpoint endpoint, Role role) {
    return switch (role) {
      case APP -> app(shard, endpoint);
      case ADMIN -> admin(shard, endpoint);
    };
  }

  private Credentials app(ShardId shard, Endpoint endpoint) {
    String suffix = shard.value().toUpperCase(Locale.ROOT).replace('-', '_');
    Optional<String> password = variable(PASSWORD + "_" + suffix).or(() -> variable(PASSWORD));
    return credentials(endpoint, endpoint.user(), password);
  }

  private Credentials admin(ShardId shard, Endpoint endpoint) {
    Optional<String> user = variable(ADMIN_USER);
    Optional<String> password = variable(ADMIN_PASSWORD);
    return user.isEmpty() && password.isEmpty()
        ? app(shard, endpoint)
        : credentials(endpoint, user.orElse(endpoint.user()), password);
  }

  private Credentials credentials(Endpoint endpoint, String user, Optional<String> password) {
    return new Credentials(user, password.or(() -> passwordFile().passwordFor(endpoint, user)));
  }

  private PasswordFile passwordFile() {
    return new PasswordFile(
        variable(PASSWORD_FILE).map(Path::of).orElseGet(() -> home.resolve(".pgpass")));
  }

  /** An empty variable counts as not set, as it does for libpq. */
  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.apply(name)).filter(value -> !value.isEmpty());
  }
}
