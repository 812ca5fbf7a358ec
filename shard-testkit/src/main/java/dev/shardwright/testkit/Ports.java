package dev.shardwright.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must come back on the same one. They are taken from below the range that
 * the kernel hands to outgoing connections, or else such a connection could take the port while its
 * server is stopped. Thread-safe.
 */
final class Ports {
  private static final int LOWEST = 15_000;
  private static final int HIGHEST = 31_999;
  private static final int ATTEMPTS = 1_000;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private Ports() {}

  /** A port that nobody listens on, and that this JVM has given to nobody else. */
  static int free() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST + 1);
      if (GIVEN.add(port)) {
        if (bindable(port)) {
          return port;
        }
        GIVEN.remove(port);
      }
    }
    throw new IllegalStateException(
        "no free port between %d and %d on the loopback interface".formatted(LOWEST, HIGHEST));
  }

  /** Gives a port back when its server is gone for good. */
  static void release(int port) {
    GIVEN.remove(port);
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
