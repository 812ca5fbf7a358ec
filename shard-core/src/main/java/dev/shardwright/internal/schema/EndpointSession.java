package dev.shardwright.internal.schema;

import com.google.common.base.Splitter;
import dev.shardwright.topology.Endpoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Opens sessions on the database of an endpoint whose own properties hold: the driver would let the
 * parameters of the endpoint's URL win, and with them no wait would be bounded for certain.
 */
public final class EndpointSession {
  /** Of the parameters that we set, the one that a URL may set otherwise. */
  private static final String SOCKET_FACTORY = "socketFactory";

  private EndpointSession() {}

  /** Opens a session, for the caller to close. */
  public static Connection open(Endpoint endpoint, Properties properties) throws SQLException {
    return DriverManager.getConnection(
        without(endpoint.url(), properties.stringPropertyNames()), properties);
  }

  static String without(String url, Set<String> ours) {
    int begin = url.indexOf('?');
    if (begin < 0) {
      return url;
    }
    return Splitter.on('&')
        .splitToStream(url.substring(begin + 1))
        .filter(parameter -> isTheirs(parameter, ours))
        .collect(Collectors.joining("&", url.substring(0, begin + 1), ""));
  }

  private static boolean isTheirs(String parameter, Set<String> ours) {
    int end = parameter.indexOf('=');
    String name = end < 0 ? parameter : parameter.substring(0, end);
    return name.equals(SOCKET_FACTORY) || !ours.contains(name);
  }
}
