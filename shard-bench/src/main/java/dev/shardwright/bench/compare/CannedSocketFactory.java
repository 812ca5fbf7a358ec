package dev.shardwright.bench.compare;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Stands in for the network below pgjdbc: each of its sockets is a {@link CannedServer}. Named in a
 * URL as {@code socketFactory=…}.
 */
public final class CannedSocketFactory extends SocketFactory {
  /** What to add to a URL so that its connections end here. */
  static final String PARAMETER =
      "socketFactory=" + CannedSocketFactory.class.getName() + "&sslmode=disable";

  @Override
  public Socket createSocket() {
    return new CannedSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    return new CannedSocket();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    return new CannedSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    return new CannedSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    return new CannedSocket();
  }
}
