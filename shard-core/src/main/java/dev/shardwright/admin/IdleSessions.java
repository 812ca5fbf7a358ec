package dev.shardwright.admin;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.topology.Endpoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Connections that one piece of work has left for the next, for as long as an operation lasts and
 * no longer: nothing is held of a shard between operations. Thread-safe.
 */
final class IdleSessions {
  /** Of a cluster with more shards than that, what was left longest ago is closed. */
  private static final int MOST = 32;

  /** What work must ask for to get a connection: whose it is. */
  record Kind(Endpoint endpoint, Credentials credentials) {}

  private record Left(Kind kind, Connection connection) {}

  private final Deque<Left> left = new ArrayDeque<>();
  private int operations;

  synchronized void begin() {
    operations++;
  }

  /** With the last of the operations under way, what is left is closed. */
  synchronized void end() {
    operations--;
    while (operations == 0 && !left.isEmpty()) {
      close(left.removeFirst());
    }
  }

  /** The one that was left last. */
  synchronized Optional<Connection> poll(Kind kind) {
    for (Iterator<Left> newest = left.descendingIterator(); newest.hasNext(); ) {
      Left next = newest.next();
      if (next.kind().equals(kind)) {
        newest.remove();
        return Optional.of(next.connection());
      }
    }
    return Optional.empty();
  }

  /**
   * Leaves a connection.
   *
   * @return whether it was taken; otherwise the caller closes it
   */
  synchronized boolean offer(Kind kind, Connection connection) {
    if (operations == 0) {
      return false;
    }
    left.addLast(new Left(kind, connection));
    if (left.size() > MOST) {
      close(left.removeFirst());
    }
    return true;
  }

  private static void close(Left ended) {
    try {
      ended.connection().close();
    } catch (SQLException e) {
      // Its work is done, and the driver has let go of the socket.
    }
  }
}
