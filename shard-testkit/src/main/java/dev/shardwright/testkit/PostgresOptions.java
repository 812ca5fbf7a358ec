package dev.shardwright.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a {@link PostgresServer} is set up. Immutable.
 *
 * @param settings server settings by name, as in {@code postgresql.conf}, for example {@code
 *     max_connections}
 * @param user the superuser
 * @param password the superuser's password, which connections must prove (scram-sha-256)
 * @param durable whether commits outlive a crash of the machine ({@code fsync}); without it they
 *     outlive any death of the server's processes, and everything is faster
 * @param tls whether the server offers TLS
 */
public record PostgresOptions(
    Map<String, String> settings, String user, String password, boolean durable, boolean tls) {

  /** A superuser {@code postgres} with password {@code postgres}, default settings, not durable. */
  public static final PostgresOptions DEFAULTS =
      new PostgresOptions(Map.of(), "postgres", "postgres", false, false);

  /** Takes a copy of the settings. */
  public PostgresOptions {
    settings = Map.copyOf(settings);
    for (String name : settings.keySet()) {
      if (!name.matches("[a-zA-Z_][a-zA-Z0-9_.]*")) {
        throw new IllegalArgumentException("not the name of a PostgreSQL setting: " + name);
      }
    }
    if (user.isEmpty() || password.isEmpty()) {
      throw new IllegalArgumentException("user and password must not be empty");
    }
  }

  /** The same with one more server setting, which replaces an earlier one of that name. */
  public PostgresOptions with(String setting, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(setting, value);
    return new PostgresOptions(more, user, password, durable, tls);
  }

  /** The same with another superuser. */
  public PostgresOptions withSuperuser(String name, String itsPassword) {
    return new PostgresOptions(settings, name, itsPassword, durable, tls);
  }

  /** The same, with commits that outlive a crash of the machine. */
  public PostgresOptions withDurability() {
    return new PostgresOptions(settings, user, password, true, tls);
  }

  /**
   * The same, with TLS offered under a certificate made for this server alone, see {@link
   * PostgresServer#certificate}. Connections without TLS are taken too.
   */
  public PostgresOptions withTls() {
    return new PostgresOptions(settings, user, password, durable, true);
  }

  /** Names no password. */
  @Override
  public String toString() {
    return "PostgresOptions[settings=%s, user=%s, durable=%s, tls=%s]"
        .formatted(settings, user, durable, tls);
  }
}
