package dev.shardwright.testkit;

import dev.shardwright.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One connection through the proxy: a socket on either side, and a thread for each direction. */
final class ProxiedConnection {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Socket client;
  private final Socket server;
  private final Faults faults;
  private final Consumer<ProxiedConnection> whenClosed;
  private final AtomicInteger directionsOpen = new AtomicInteger(2);
  private volatile boolean lostBytes;
  private volatile boolean reset;

  ProxiedConnection(
      Socket client, Socket server, Faults faults, Consumer<ProxiedConnection> whenClosed) {
    this.client = client;
    this.server = server;
    this.faults = faults;
    this.whenClosed = whenClosed;
  }

  /** Whether bytes were swallowed, so that the rest makes no sense to its reader. */
  boolean lostBytes() {
    return lostBytes;
  }

  /** Carries bytes in one direction to the end. */
  void pump(Direction direction) {
    Socket from = direction == Direction.REQUESTS ? client : server;
    Socket to = direction == Direction.REQUESTS ? server : client;
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        switch (faults.judge(direction, () -> reset)) {
          case FORWARD -> forward(to, buffer, read);
          case DROP -> lostBytes = true;
          case CUT -> {
            reset();
            return;
          }
        }
      }
      faults.awaitFlow(direction, () -> reset);
      to.shutdownOutput();
      if (directionsOpen.decrementAndGet() == 0) {
        finish();
      }
    } catch (IOException e) {
      reset(); // one side has broken; the other side learns it like this
    }
  }

  private void forward(Socket to, byte[] buffer, int length) throws IOException {
    if (lostBytes) {
      reset(); // what follows a gap would deceive its reader
    } else {
      to.getOutputStream().write(buffer, 0, length);
    }
  }

  /** Both sides have said all that they had to say: closes in order, so that all of it arrives. */
  private void finish() throws IOException {
    whenClosed.accept(this);
    client.close();
    server.close();
  }

  /** Breaks the connection on both sides. Safe to call again. */
  void reset() {
    reset = true;
    whenClosed.accept(this);
    reset(client);
    reset(server);
    faults.wake();
  }

  /** Closes a socket so that its peer sees a reset, where there still is a connection to reset. */
  static void reset(Socket socket) {
    try {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      // It is closed already by its peer: then there is nothing to reset.
    }
    try {
      socket.close();
    } catch (IOException e) {
      // Closing a socket that has broken: it is gone either way.
    }
  }
}
