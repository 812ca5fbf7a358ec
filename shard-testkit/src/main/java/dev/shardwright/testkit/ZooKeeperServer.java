package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.jspecify.annotations.Nullable;

/**
 * A real ZooKeeper server of one node, inside this JVM, on one port of the loopback interface. Its
 * sessions may be short (two ticks of 100 ms and up). It is gone with its data after {@link
 * #close}, or when the JVM ends. Thread-safe.
 */
public final class ZooKeeperServer implements AutoCloseable {
  private static final int TICK_MILLIS = 100;
  private static final int MAX_SESSION_MILLIS = 60_000;
  private static final int UNLIMITED_CONNECTIONS = 0;
  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  private final Path directory = Directories.temporary("zookeeper");
  private final int port = Ports.free();
  private final Runnable cleanup = this::remove;
  private @Nullable Node node;
  private boolean closed;

  /** A server that runs, and the listener that clients reach it by. */
  private record Node(
      org.apache.zookeeper.server.ZooKeeperServer server, ServerCnxnFactory listener) {}

  private ZooKeeperServer() {}

  /** Starts a server; it accepts connections when this returns. */
  public static ZooKeeperServer start() {
    ZooKeeperSettings.apply();
    ZooKeeperServer server = new ZooKeeperServer();
    Cleanup.add(server.cleanup);
    try {
      server.restart();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** What a client connects to, as {@code host:port}; it stays the same after a restart. */
  public String connectString() {
    return "127.0.0.1:" + port;
  }

  /** The port to connect to. */
  public int port() {
    return port;
  }

  /** Whether the server runs. */
  public synchronized boolean running() {
    return node != null;
  }

  /** Ends the server; connections break, the data and the sessions stay. */
  public synchronized void stop() {
    if (node != null) {
      node.listener().shutdown();
      node = null;
    }
  }

  /** Starts the server again, on the same port and data; ends it first if it runs. */
  public synchronized void restart() {
    checkOpen();
    stop();
    Path snapshots = directory.resolve("snapshots");
    Path log = directory.resolve("log");
    try {
      Files.createDirectories(snapshots);
      Files.createDirectories(log);
      var server =
          new org.apache.zookeeper.server.ZooKeeperServer(
              snapshots.toFile(), log.toFile(), TICK_MILLIS);
      server.setMinSessionTimeout(2 * TICK_MILLIS);
      server.setMaxSessionTimeout(MAX_SESSION_MILLIS);
      ServerCnxnFactory listener =
          ServerCnxnFactory.createFactory(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port), UNLIMITED_CONNECTIONS);
      node = new Node(server, listener);
      listener.startup(server);
      if (!Processes.await(server::isRunning, START_LIMIT)) {
        throw new IllegalStateException("ZooKeeper did not start within " + START_LIMIT);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start ZooKeeper on port " + port, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting ZooKeeper", e);
    }
  }

  /**
   * Ends a session as if it had timed out: its ephemeral nodes go, its connection is closed, and
   * its client learns on reconnecting that the session has expired.
   *
   * @param sessionId what the client's {@code getSessionId()} says
   */
  public synchronized void expireSession(long sessionId) {
    if (node == null) {
      throw new IllegalStateException("the ZooKeeper server on port " + port + " is stopped");
    }
    node.server().closeSession(sessionId);
  }

  /** Ends the server and removes its data. Safe to call again. */
  @Override
  public void close() {
    remove();
    Cleanup.done(cleanup);
  }

  private synchronized void remove() {
    if (!closed) {
      closed = true;
      stop();
      Directories.delete(directory);
      Ports.release(port);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the ZooKeeper server on port " + port + " is closed");
    }
  }
}
