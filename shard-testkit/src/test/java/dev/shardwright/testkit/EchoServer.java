package dev.shardwright.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Sends back what it receives, and counts it. */
final class EchoServer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong received = new AtomicLong();

  private final Thread acceptor;

  EchoServer() throws IOException {
    acceptor = daemon(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many bytes have come in. */
  long received() {
    return received.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (!Processes.await(() -> !acceptor.isAlive(), Duration.ofSeconds(10))) {
      throw new IOException("still listening: the kernel does so until accept() has returned");
    }
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread unused = daemon(() -> echo(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void echo(Socket socket) {
    byte[] buffer = new byte[4096];
    try (socket) {
      for (int read = socket.getInputStream().read(buffer);
          read >= 0;
          read = socket.getInputStream().read(buffer)) {
        received.addAndGet(read);
        socket.getOutputStream().write(buffer, 0, read);
      }
    } catch (IOException e) {
      // the other side has broken off
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "echo-server");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
