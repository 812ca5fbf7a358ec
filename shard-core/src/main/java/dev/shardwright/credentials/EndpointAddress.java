package dev.shardwright.credentials;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where one host of a {@code jdbc:postgresql:} URL listens: what a line of the password file is
 * compared with.
 */
record EndpointAddress(String host, int port, String database) {
  private static final int DEFAULT_PORT = 5432;
  private static final Pattern URL =
      Pattern.compile("jdbc:postgresql:(?://(?<hosts>[^/?]*))?/?(?<database>[^?]*)(?:\\?.*)?");
  private static final Pattern HOST =
      Pattern.compile("(?<host>\\[[^]]*]|[^:]*)(?::(?<port>\\d+))?");

  /** One address for each host of the URL; parts left out have PostgreSQL's defaults. */
  static List<EndpointAddress> parse(String url, String user) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      return List.of();
    }
    String named = URLDecoder.decode(parts.group("database"), StandardCharsets.UTF_8);
    String database = named.isEmpty() ? user : named;
    String hosts = parts.group("hosts");
    List<EndpointAddress> addresses = new ArrayList<>();
    for (String part : (hosts == null ? "" : hosts).split(",", -1)) {
      Matcher host = HOST.matcher(part);
      if (host.matches()) {
        String name = host.group("host").replaceAll("^\\[|]$", "");
        String port = host.group("port");
        addresses.add(
            new EndpointAddress(
                name.isEmpty() ? "localhost" : name,
                port == null ? DEFAULT_PORT : Integer.parseInt(port),
                database));
      }
    }
    return addresses;
  }
}
