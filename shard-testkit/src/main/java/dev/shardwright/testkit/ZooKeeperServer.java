package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
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
  private final AtomicInteger roots = new AtomicInteger();
  private final boolean shared;
  private boolean closed;

  /** A server that runs, and the listener that clients reach it by. */
  private record Node(
      org.apache.zookeeper.server.ZooKeeperServer server, ServerCnxnFactory listener) {}

  private ZooKeeperServer(boolean shared) {
    this.shared = shared;
  }

  /** Starts a server; it accepts connections when this returns. */
  public static ZooKeeperServer start() {
    return start(false);
  }

  /**
   * The one server that all tests of this JVM share, started on first use and ended with the JVM.
   * It cannot be stopped, restarted or closed. {@link #freshConnectString} gives each test a root
   * of its own.
   */
  public static ZooKeeperServer shared() {
    return Shared.SERVER;
  }

  private static ZooKeeperServer startShared() {
    ZooKeeperServer server = SharedInJvm.call(() -> start(true));
    SharedInJvm.ownPort(server.port());
    return server;
  }

  private static ZooKeeperServer start(boolean shared) {
    ZooKeeperSettings.apply();
    ZooKeeperServer server = new ZooKeeperServer(shared);
    Cleanup.add(server.cleanup);
    try {
      server.open();
      return server;
    } catch (RuntimeException e) {
      server.remove();
      Cleanup.done(server.cleanup);
      throw e;
    }
  }

  /** What a client connects to, as {@code host:port}; it stays the same after a restart. */
  public String connectString() {
    return "127.0.0.1:" + port;
  }

  /** What a client connects to that shall see nothing but an empty tree of its own. */
  public String freshConnectString() {
    String root = "/test-" + roots.incrementAndGet();
    try {
      create(root);
    } catch (IOException | KeeperException e) {
      throw new IllegalStateException("cannot make " + root + " on port " + port, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making " + root, e);
    }
    return connectString() + root;
  }

  private void create(String path) throws IOException, KeeperException, InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(connectString(), MAX_SESSION_MILLIS, event -> connected.countDown());
    try {
      if (!connected.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("ZooKeeper does not answer on port " + port);
      }
      client.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    } finally {
      client.close();
    }
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
    checkNotShared();
    shutDown();
  }

  private synchronized void shutDown() {
    if (node != null) {
      node.listener().shutdown();
      node = null;
    }
  }

  /** Starts the server again, on the same port and data; ends it first if it runs. */
  public synchronized void restart() {
    checkNotShared();
    checkOpen();
    shutDown();
    open();
  }

  /**
   * Starts the server again on the same port, with nothing of what it had, and its transactions
   * counted anew: as after the loss of all its disks.
   */
  public synchronized void restartEmpty() {
    checkNotShared();
    checkOpen();
    shutDown();
    Directories.delete(directory);
    open();
  }

  private synchronized void open() {
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
    checkNotShared();
    remove();
    Cleanup.done(cleanup);
  }

  private synchronized void remove() {
    if (!closed) {
      closed = true;
      shutDown();
      Directories.delete(directory);
      Ports.release(port);
    }
  }

  private void checkNotShared() {
    if (shared) {
      throw new IllegalStateException(
          "this ZooKeeper server is shared by all tests of the JVM; start one of your own to stop it");
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the ZooKeeper server on port " + port + " is closed");
    }
  }

  private static final class Shared {
    static final ZooKeeperServer SERVER = startShared();
  }
}
