package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback interface that can spoil the way to a server, whatever the protocol:
 * bytes late, bytes lost, connections frozen, cut or refused. A fault counts for connections that
 * are open and for new ones, and stays until {@link #heal} ends all faults; faults add up.
 *
 * <p>Thread-safe. Uses one daemon thread to listen and two for each connection, 500 connections at
 * the most; those beyond are reset.
 */
public final class FaultProxy implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 500;
  private static final int BACKLOG = 100;
  private static final int CONNECT_MILLIS = 5_000;
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(20);

  private final InetSocketAddress server;
  private final int port = Ports.free();
  private final Faults faults = new Faults();
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private @Nullable Listener listener;
  private boolean closed;

  private record Listener(ServerSocket socket, Thread acceptor) {}

  private FaultProxy(InetSocketAddress server) {
    this.server = server;
  }

  /** Starts a proxy to a server, which need not be there yet. */
  public static FaultProxy to(String host, int port) {
    FaultProxy proxy = new FaultProxy(new InetSocketAddress(host, port));
    proxy.listen();
    return proxy;
  }

  /** The host to connect to. */
  public String host() {
    return "127.0.0.1";
  }

  /** The port to connect to; it stays the same. */
  public int port() {
    return port;
  }

  /** How many connections are open through the proxy. */
  public int connections() {
    return connections.size();
  }

  /** Holds whatever arrives, in either direction, for this long before it goes on. */
  public void delay(Duration delay) {
    faults.delay(delay);
  }

  /** Resets the connections that are open and refuses new ones. */
  public synchronized void cut() {
    silence();
    connections.forEach(ProxiedConnection::reset);
  }

  /** Stops all bytes in both directions; connections stay open, and nothing is lost. */
  public void freeze() {
    faults.set(Direction.REQUESTS, Flow.HELD);
    faults.set(Direction.RESPONSES, Flow.HELD);
  }

  /**
   * Stops what comes back from the server, while requests still reach it; nothing is lost. Followed
   * by {@link #cut}, a client cannot know what became of its last request.
   */
  public void freezeResponses() {
    faults.set(Direction.RESPONSES, Flow.HELD);
  }

  /**
   * Drops what comes back from the server, while requests still reach it. {@link #heal} resets the
   * connections that have lost bytes by then.
   */
  public void swallowResponses() {
    faults.set(Direction.RESPONSES, Flow.SWALLOWED);
  }

  /**
   * Resets the next connection on which the server answers, in place of that answer: the server has
   * done what it was asked, and the client will not hear of it. Once; other connections go on.
   */
  public void cutOnNextResponse() {
    faults.cutOnNextResponse();
  }

  /** Ends all faults. */
  public synchronized void heal() {
    faults.clear();
    connections.stream().filter(ProxiedConnection::lostBytes).forEach(ProxiedConnection::reset);
    if (!closed && listener == null) {
      listen();
    }
  }

  /** Resets all connections and stops listening. Safe to call again. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      cut();
      Ports.release(port);
    }
  }

  private synchronized void listen() {
    try {
      ServerSocket opened = new ServerSocket();
      opened.setReuseAddress(true);
      opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
      Thread acceptor = daemon("accept", () -> accept(opened));
      listener = new Listener(opened, acceptor);
      acceptor.start();
    } catch (IOException e) {
      throw new UncheckedIOException("the fault proxy cannot listen on port " + port, e);
    }
  }

  /** The kernel goes on listening until the thread that accepts has left the call it was in. */
  private void silence() {
    Listener silenced = listener;
    listener = null;
    if (silenced != null) {
      try {
        silenced.socket().close();
      } catch (IOException e) {
        throw new UncheckedIOException("the fault proxy cannot close port " + port, e);
      }
      faults.wake();
      if (!Processes.await(() -> !silenced.acceptor().isAlive(), SILENCE_LIMIT)) {
        throw new IllegalStateException("the fault proxy still listens on port " + port);
      }
    }
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        faults.awaitFlow(Direction.REQUESTS, from::isClosed);
        if (connections.size() < MAX_CONNECTIONS) {
          connect(client, from);
        } else {
          ProxiedConnection.reset(client);
        }
      }
    } catch (IOException e) {
      if (!from.isClosed()) { // else it was cut or closed, which ends the loop in this way
        throw new UncheckedIOException("the fault proxy cannot listen on port " + port, e);
      }
    }
  }

  private void connect(Socket client, ServerSocket from) {
    Socket upstream = new Socket();
    try {
      upstream.connect(server, CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
    } catch (IOException e) {
      // The server is away: its client sees a connection that breaks.
      ProxiedConnection.reset(upstream);
      ProxiedConnection.reset(client);
      return;
    }
    var connection = new ProxiedConnection(client, upstream, faults, connections::remove);
    connections.add(connection);
    int number = accepted.incrementAndGet();
    daemon(number + "-requests", () -> connection.pump(Direction.REQUESTS)).start();
    daemon(number + "-responses", () -> connection.pump(Direction.RESPONSES)).start();
    if (from.isClosed()) {
      connection.reset(); // cut() has not seen this one
    }
  }

  private Thread daemon(String purpose, Runnable work) {
    Thread thread = new Thread(work, "fault-proxy-" + port + "-" + purpose);
    thread.setDaemon(true);
    return thread;
  }

  /** From the client to the server, or back. */
  enum Direction {
    REQUESTS,
    RESPONSES
  }

  /** What becomes of bytes. */
  enum Flow {
    PASSED,
    HELD,
    SWALLOWED
  }
}
