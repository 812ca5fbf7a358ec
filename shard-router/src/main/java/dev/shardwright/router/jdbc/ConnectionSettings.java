package dev.shardwright.router.jdbc;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.EnvironmentCredentials;
import dev.shardwright.router.PoolProfile;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.Timeouts;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Region;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the properties of a connection say. Immutable; its text form hides the password.
 *
 * @param multiShardWrites whether a write to several shards is carried out as one transaction per
 *     shard
 * @param fetchSize rows at a time, 0 for all
 */
record ConnectionSettings(
    Optional<String> user,
    Optional<String> password,
    Optional<Region> region,
    boolean multiShardWrites,
    Optional<Duration> deadline,
    int fetchSize,
    PoolProfile pools) {
  static final ConnectionSettings DEFAULTS =
      new ConnectionSettings(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          0,
          PoolProfile.SERVER);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");

  /**
   * @throws IllegalArgumentException if a value cannot be
   */
  static ConnectionSettings of(Map<ConnectionProperty, String> values) {
    values.forEach(ConnectionSettings::checkChoice);
    return new ConnectionSettings(
        value(values, ConnectionProperty.USER),
        value(values, ConnectionProperty.PASSWORD),
        value(values, ConnectionProperty.REGION).map(Region::of),
        value(values, ConnectionProperty.MULTI_SHARD_WRITES).equals(Optional.of("per-shard")),
        value(values, ConnectionProperty.DEADLINE).map(ConnectionSettings::deadline),
        value(values, ConnectionProperty.FETCH_SIZE).map(ConnectionSettings::fetchSize).orElse(0),
        value(values, ConnectionProperty.PROFILE).equals(Optional.of("serverless"))
            ? PoolProfile.SERVERLESS
            : PoolProfile.SERVER);
  }

  /** The same for another user. */
  ConnectionSettings as(String other, @Nullable String itsPassword) {
    return new ConnectionSettings(
        Optional.of(other),
        Optional.ofNullable(itsPassword),
        region,
        multiShardWrites,
        deadline,
        fetchSize,
        pools);
  }

  /** The options of a router for connections with these settings. */
  RouterOptions routerOptions() {
    Timeouts timeouts = deadline.map(Timeouts.DEFAULTS::withStatement).orElse(Timeouts.DEFAULTS);
    return RouterOptions.DEFAULTS
        .withCredentials(credentials())
        .withPools(pools)
        .withTimeouts(timeouts);
  }

  @Override
  public String toString() {
    return "ConnectionSettings[user %s, password %s, region %s, deadline %s, pools %s]"
        .formatted(user, password.isPresent() ? "hidden" : "none", region, deadline, pools);
  }

  /** Those of the environment, but for what is set here. */
  private CredentialsProvider credentials() {
    CredentialsProvider environment = new EnvironmentCredentials();
    return (shard, endpoint, role) -> {
      Endpoint as = new Endpoint(endpoint.url(), user.orElse(endpoint.user()));
      return password
          .map(secret -> Credentials.of(as.user(), secret))
          .orElseGet(() -> environment.credentialsFor(shard, as, role));
    };
  }

  private static Optional<String> value(
      Map<ConnectionProperty, String> values, ConnectionProperty property) {
    return Optional.ofNullable(values.get(property));
  }

  private static void checkChoice(ConnectionProperty property, String value) {
    if (!property.choices().isEmpty() && !property.choices().contains(value)) {
      throw new IllegalArgumentException(
          "%s=%s is not one of %s".formatted(property.key(), value, property.choices()));
    }
  }

  private static Duration deadline(String text) {
    Matcher parts = DURATION.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "deadline=%s is not a time such as 500ms, 30s or 2m".formatted(text));
    }
    long amount = Long.parseLong(parts.group(1));
    Duration deadline =
        switch (parts.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          default -> Duration.ofMinutes(amount);
        };
    return Timeouts.DEFAULTS.withStatement(deadline).statement();
  }

  private static int fetchSize(String text) {
    try {
      int rows = Integer.parseInt(text);
      if (rows >= 0) {
        return rows;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("fetchSize=%s is not a number from 0 on".formatted(text));
  }
}
