package dev.shardwright.cli.daemon.web;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon listens.
 *
 * @param host a name or an address; an IPv6 address without its brackets
 * @param port 0 for any that is free
 */
public record ListenAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([\\w.-]+)):(\\d{1,5})");
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d+){3}|::1");
  private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final int LAST_PORT = 65_535;

  /**
   * @throws IllegalArgumentException if there is no such port
   */
  public ListenAddress {
    if (port < 0 || port > LAST_PORT) {
      throw new IllegalArgumentException(
          "there is no port %d: ports are 1 to 65535, and 0 stands for any".formatted(port));
    }
  }

  /**
   * Reads {@code host:port} or {@code [address]:port}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static ListenAddress of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no address to listen at; write for example 127.0.0.1:8470 or [::1]:8470"
              .formatted(text));
    }
    String host = form.group(1) == null ? form.group(2) : form.group(1);
    return new ListenAddress(host, Integer.parseInt(form.group(3)));
  }

  /** This address with the port that was found to be free. */
  public ListenAddress withPort(int found) {
    return new ListenAddress(host, found);
  }

  /** Whether nobody from another machine can come in. */
  public boolean isLoopback() {
    return LOOPBACK.matcher(host).matches();
  }

  /**
   * Whether a request that names this host is meant for us. At loopback only our own names are
   * taken: a page of another site whose name was made to point here would name that site.
   */
  public boolean isNamedBy(@Nullable String hostHeader) {
    if (!isLoopback()) {
      return true;
    }
    String suffix = ":" + port;
    return hostHeader != null
        && hostHeader.endsWith(suffix)
        && (LOOPBACK_NAMES.contains(hostHeader.substring(0, hostHeader.length() - suffix.length()))
            || hostHeader.equals(toString()));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
