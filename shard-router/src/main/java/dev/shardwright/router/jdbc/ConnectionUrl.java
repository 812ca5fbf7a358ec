package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code jdbc:shardwright://host:port,host:port/cluster?property=value&…} URL says, together
 * with the properties that were given beside it. Immutable; holds the password, and does not show
 * it.
 *
 * @param zookeeper {@code host:port}, several divided by commas
 * @param cluster the cluster's name
 */
record ConnectionUrl(String zookeeper, String cluster, ConnectionSettings settings) {
  static final String PREFIX = "jdbc:shardwright:";

  private static final String FORM =
      "jdbc:shardwright://host:port,host:port/cluster?property=value&property=value";
  private static final Pattern URL =
      Pattern.compile(
          "jdbc:shardwright://(?<hosts>[^/?#]*)/(?<cluster>[^/?#]*)(?:\\?(?<query>.*))?");
  private static final String HOST = "(?:\\[[0-9a-fA-F:.]+]|[^\\s:,\\[\\]]+)(?::\\d{1,5})?";
  private static final Pattern HOSTS = Pattern.compile(HOST + "(?:," + HOST + ")*");

  /** Whether it is for this driver, well-formed or not. */
  static boolean isOurs(String url) {
    return url.startsWith(PREFIX);
  }

  /**
   * @param beside properties given beside the URL
   * @throws SQLException if there is anything in it that is not understood
   */
  static ConnectionUrl parse(@Nullable String url, Properties beside) throws SQLException {
    if (url == null) {
      throw refused("the URL is null and does not have the form " + FORM);
    }
    Matcher parts = URL.matcher(url);
    if (!parts.matches() || !HOSTS.matcher(parts.group("hosts")).matches()) {
      throw refused("the URL does not have the form " + FORM);
    }
    String cluster = parts.group("cluster");
    if (cluster.isEmpty()) {
      throw refused("the URL names no cluster: " + FORM);
    }
    Map<ConnectionProperty, String> values = new EnumMap<>(ConnectionProperty.class);
    for (String key : beside.stringPropertyNames()) {
      values.put(property(key), beside.getProperty(key));
    }
    String query = parts.group("query");
    values.putAll(query == null || query.isEmpty() ? Map.of() : query(query));
    try {
      return new ConnectionUrl(
          parts.group("hosts"), decoded(cluster), ConnectionSettings.of(values));
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  /** The same as another user. */
  ConnectionUrl as(String user, @Nullable String password) {
    return new ConnectionUrl(zookeeper, cluster, settings.as(user, password));
  }

  /** As it may be shown: without properties. */
  @Override
  public String toString() {
    return PREFIX + "//" + zookeeper + "/" + cluster;
  }

  private static Map<ConnectionProperty, String> query(String query) throws SQLException {
    Map<ConnectionProperty, String> values = new EnumMap<>(ConnectionProperty.class);
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw refused("the properties in the URL do not have the form name=value&name=value");
      }
      ConnectionProperty property = property(decoded(part.substring(0, equals)));
      if (values.put(property, decoded(part.substring(equals + 1))) != null) {
        throw refused("the URL says property " + property.key() + " twice");
      }
    }
    return values;
  }

  private static ConnectionProperty property(String key) throws SQLException {
    return ConnectionProperty.of(key)
        .orElseThrow(
            () ->
                refused(
                    "unknown property '%s', there are: %s"
                        .formatted(key, ConnectionProperty.known())));
  }

  private static String decoded(String text) throws SQLException {
    try {
      // A plus sign is itself here, as in other JDBC URLs.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused("a percent sign in the URL is not followed by two hexadecimal digits");
    }
  }

  private static SQLException refused(String message) {
    return SqlFailures.wrongCall(message);
  }
}
