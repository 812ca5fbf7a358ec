package dev.shardwright.router.internal.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Properties;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Gives pgjdbc its sockets. Made by the driver itself, which is told the name of this class and of
 * the watch. Where the endpoint's URL names a factory of its own, that one is used, and its sockets
 * have the JDK's timeouts. Thread-safe.
 */
public final class WatchedSocketFactory extends SocketFactory {
  private static final String WATCH = "shardwright.watch";
  private static final boolean VISIBLE = visibleTo(Driver.class.getClassLoader());

  private final SocketWatch watch;

  /**
   * @param properties of the connection
   * @throws IllegalArgumentException if the watch that they name is closed, or none is named
   */
  public WatchedSocketFactory(Properties properties) {
    SocketWatch named = SocketWatch.named(properties.getProperty(WATCH, ""));
    if (named == null) {
      throw new IllegalArgumentException("the pools that this connection was for are closed");
    }
    this.watch = named;
  }

  /** Has the driver take its sockets from here, if it can see this class. */
  static void use(SocketWatch watch, Properties properties) {
    if (VISIBLE) {
      properties.setProperty("socketFactory", WatchedSocketFactory.class.getName());
      properties.setProperty(WATCH, watch.name());
    }
  }

  /** A server may have loaded the driver for all its applications, without their libraries. */
  static boolean visibleTo(@Nullable ClassLoader loader) {
    try {
      Class<?> seen = Class.forName(WatchedSocketFactory.class.getName(), false, loader);
      return seen == WatchedSocketFactory.class;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Override
  public Socket createSocket() {
    return watch.newSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
  }

  private Socket connected(SocketAddress remote, @Nullable SocketAddress local) throws IOException {
    Socket socket = createSocket();
    try {
      if (local != null) {
        socket.bind(local);
      }
      socket.connect(remote);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
