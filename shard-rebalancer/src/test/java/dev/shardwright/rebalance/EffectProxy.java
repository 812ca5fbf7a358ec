package dev.shardwright.rebalance;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A TCP proxy that reads along, and keeps each answer that tells of an effect back until that was
 * counted. So whoever is stopped by then is stopped exactly there, with nothing of the test in it.
 */
final class EffectProxy implements AutoCloseable {
  private final InetSocketAddress server;
  private final Supplier<Dialogue> dialogues;
  private final Effects effects;
  private final ServerSocket listener;

  /** What is said on one connection, in the protocol of the server. */
  interface Dialogue {

    /** The next message of the client, whole. */
    ByteBuffer request(DataInputStream from) throws IOException;

    /** The next message of the server, whole. */
    Answer answer(DataInputStream from) throws IOException;
  }

  /**
   * A message of a server.
   *
   * @param message as it is sent on
   * @param effect what was done for good by then, if it says so
   * @param moment what was done for a time, if it says so
   */
  record Answer(ByteBuffer message, Optional<String> effect, Optional<String> moment) {
    static Answer of(ByteBuffer message) {
      return new Answer(message, Optional.empty(), Optional.empty());
    }
  }

  /** A direction of a connection. */
  private interface Pump {
    /** Sends one message on. */
    void next() throws IOException;
  }

  private EffectProxy(InetSocketAddress server, Supplier<Dialogue> dialogues, Effects effects)
      throws IOException {
    this.server = server;
    this.dialogues = dialogues;
    this.effects = effects;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  static EffectProxy to(String host, int port, Supplier<Dialogue> dialogues, Effects effects) {
    try {
      return new EffectProxy(new InetSocketAddress(host, port), dialogues, effects);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where to connect to instead, as {@code host:port}. */
  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** No new connections; those that are open go with their ends. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        start("connect", () -> connect(client));
      }
    } catch (IOException e) {
      // It was closed, which ends the loop in this way.
    }
  }

  private void connect(Socket client) {
    effects.passed("connection to " + server);
    Dialogue dialogue = dialogues.get();
    Socket upstream = new Socket();
    try {
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      upstream.connect(server);
      DataInputStream requests = in(client);
      OutputStream toServer = out(upstream);
      DataInputStream answers = in(upstream);
      OutputStream toClient = out(client);
      start(
          "requests",
          () -> pump(client, upstream, () -> send(dialogue.request(requests), requests, toServer)));
      pump(
          client,
          upstream,
          () -> {
            Answer answer = dialogue.answer(answers);
            answer.effect().ifPresent(effects::happened);
            answer.moment().ifPresent(effects::passed);
            send(answer.message(), answers, toClient);
          });
    } catch (IOException e) {
      end(client, upstream);
    }
  }

  private static void pump(Socket client, Socket upstream, Pump pump) {
    try {
      while (true) {
        pump.next();
      }
    } catch (IOException e) {
      // One of the two has ended, and so does the other.
    } finally {
      end(client, upstream);
    }
  }

  /** Waits for more only with nothing left to be sent. */
  private static void send(ByteBuffer message, DataInputStream from, OutputStream to)
      throws IOException {
    Channels.newChannel(to).write(message.rewind());
    if (from.available() == 0) {
      to.flush();
    }
  }

  private static DataInputStream in(Socket socket) throws IOException {
    return new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  private static OutputStream out(Socket socket) throws IOException {
    return new BufferedOutputStream(socket.getOutputStream());
  }

  private static void end(Socket client, Socket upstream) {
    try (client;
        upstream) {
      // both, whatever becomes of the first
    } catch (IOException e) {
      // It has broken: it is gone either way.
    }
  }

  private static void start(String purpose, Runnable work) {
    Thread thread = new Thread(work, "effect-proxy-" + purpose);
    thread.setDaemon(true);
    thread.start();
  }
}
