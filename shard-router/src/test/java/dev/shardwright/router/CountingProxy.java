package dev.shardwright.router;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way to a PostgreSQL server that counts round trips, and keeps what was sent: the server ends
 * each of its answers with a message ReadyForQuery. Connections must not be encrypted, nor ask
 * whether they may be.
 */
final class CountingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final String host;
  private final int port;
  private final AtomicInteger answers = new AtomicInteger();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  CountingProxy(String host, int port) throws IOException {
    this.host = host;
    this.port = port;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many answers have come since the last call. */
  int answers() {
    return answers.getAndSet(0);
  }

  /** The bytes that have been sent since the last call, each as a character. */
  String sent() {
    synchronized (sent) {
      String bytes = sent.toString(StandardCharsets.ISO_8859_1);
      sent.reset();
      return bytes;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private interface Pump {
    void run() throws IOException;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket server = new Socket(host, port);
      sockets.add(client);
      sockets.add(server);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      start("requests", () -> copy(client.getInputStream(), server.getOutputStream()));
      start("answers", () -> count(server.getInputStream(), client.getOutputStream()));
    }
  }

  private void copy(InputStream from, OutputStream to) throws IOException {
    byte[] some = new byte[8192];
    for (int read = from.read(some); read >= 0; read = from.read(some)) {
      synchronized (sent) {
        sent.write(some, 0, read);
      }
      to.write(some, 0, read);
    }
  }

  /** Each message is a byte that says its kind, and its length with these four bytes included. */
  private void count(InputStream from, OutputStream to) throws IOException {
    var messages = new DataInputStream(new BufferedInputStream(from));
    while (true) {
      int kind = messages.readByte();
      int length = messages.readInt();
      byte[] rest = messages.readNBytes(length - 4);
      if (kind == 'Z') {
        answers.incrementAndGet();
      }
      byte[] message = new byte[1 + length];
      message[0] = (byte) kind;
      for (int i = 0; i < 4; i++) {
        message[1 + i] = (byte) (length >>> (24 - 8 * i));
      }
      System.arraycopy(rest, 0, message, 5, rest.length);
      to.write(message);
    }
  }

  private static void start(String purpose, Pump pump) {
    Thread thread =
        new Thread(
            () -> {
              try {
                pump.run();
              } catch (java.io.EOFException | java.net.SocketException e) {
                // the connection, or the proxy, was closed: the end of the pump
                return;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "counting-proxy-" + purpose);
    thread.setDaemon(true);
    thread.start();
  }
}
