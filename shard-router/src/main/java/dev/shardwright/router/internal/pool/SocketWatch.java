package dev.shardwright.router.internal.pool;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the {@link WatchedSocket}s on which somebody has waited too long, so that a network that
 * is frozen holds nobody for ever. One daemon thread looks at all of them ten times a second; who
 * waits pays two writes of a field of its own. Thread-safe.
 */
final class SocketWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SocketWatch.class);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** The driver makes its socket factories itself, and can hand them nothing but a text. */
  private static final Map<String, SocketWatch> OPEN = new ConcurrentHashMap<>();

  private static final AtomicLong NUMBER = new AtomicLong();

  private final String name = Long.toString(NUMBER.incrementAndGet());
  private final LongSupplier nanoTime;
  private final Set<WatchedSocket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private SocketWatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    OPEN.put(name, this);
  }

  /** A watch that looks by itself until it is closed. */
  static SocketWatch start(String cluster) {
    SocketWatch watch = new SocketWatch(System::nanoTime);
    Thread thread = new Thread(watch::lookUntilClosed, "shardwright-watch-" + cluster);
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  /** A watch that looks when it is told to. */
  static SocketWatch by(LongSupplier nanoTime) {
    return new SocketWatch(nanoTime);
  }

  /** The open watch of that name; null if there is none. */
  static @Nullable SocketWatch named(String name) {
    return OPEN.get(name);
  }

  /** By which the driver's socket factory finds this watch. */
  String name() {
    return name;
  }

  /** A socket that is not connected yet. */
  WatchedSocket newSocket() {
    WatchedSocket socket = new WatchedSocket(this);
    sockets.add(socket);
    return socket;
  }

  void forget(WatchedSocket socket) {
    sockets.remove(socket);
  }

  /** When a wait that begins now is overdue. */
  long deadline(int timeoutMillis) {
    return nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
  }

  /** Ends the waits that are overdue. */
  void look() {
    long now = nanoTime.getAsLong();
    for (WatchedSocket socket : sockets) {
      try {
        socket.endIfOverdue(now);
      } catch (IOException e) {
        log.debug("an overdue connection could not be closed", e);
      }
    }
  }

  /** Closes the sockets that are left, for nobody watches them any more. Safe to call twice. */
  @Override
  public void close() {
    closed = true;
    OPEN.remove(name);
    for (WatchedSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        log.debug("a connection could not be closed", e);
      }
    }
  }

  private void lookUntilClosed() {
    while (!closed) {
      look();
      LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
    }
  }
}
