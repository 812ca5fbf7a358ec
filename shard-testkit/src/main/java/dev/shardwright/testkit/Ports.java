package dev.shardwright.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must come back on the same one. They are taken from below the range that
 * the kernel hands to outgoing connections, or else such a connection could take the port while its
 * server is stopped. Thread-safe.
 *
 * <p>Whoever is given a TCP port holds the UDP port of that number as well, which nobody else here
 * uses: so two JVMs never have the same one, and the kernel takes it back however a JVM ends.
 */
final class Ports {
  private static final int LOWEST = 15_000;
  private static final int HIGHEST = 31_999;
  private static final int ATTEMPTS = 1_000;
  private static final Map<Integer, DatagramSocket> GIVEN = new ConcurrentHashMap<>();

  private Ports() {}

  /** A port that nobody listens on, and that was given to nobody else, in no JVM. */
  static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST + 1);
      if (take(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free port between %d and %d on the loopback interface".formatted(LOWEST, HIGHEST));
  }

  /** Takes a port; false if somebody has it or listens on it. */
  static boolean take(int port) {
    DatagramSocket claim;
    try {
      claim = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (SocketException e) {
      return false; // given to somebody: an ordinary answer
    }
    if (!bindable(port)) {
      claim.close();
      return false;
    }
    GIVEN.put(port, claim);
    return true;
  }

  /** Gives a port back when its server is gone for good. */
  static void release(int port) {
    DatagramSocket claim = GIVEN.remove(port);
    if (claim != null) {
      claim.close();
    }
  }

  private static boolean bindable(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false; // somebody listens there: an ordinary answer
    }
  }
}
