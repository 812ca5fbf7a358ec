package dev.shardwright.admin;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.topology.Endpoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
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
  void end() {
    surplus(/* ended= */ 1).forEach(IdleSessions::close);
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

  /** Leaves a connection for the next; without an operation under way there is none. */
  void leave(Kind kind, Connection connection) {
    synchronized (this) {
      left.addLast(new Left(kind, connection));
    }
    surplus(/* ended= */ 0).forEach(IdleSessions::close);
  }

  private synchronized List<Left> surplus(int ended) {
    operations -= ended;
    int kept = operations == 0 ? 0 : MOST;
    List<Left> surplus = new ArrayList<>();
    while (left.size() > kept) {
      surplus.add(left.removeFirst());
    }
    return surplus;
  }

  private static void close(Left ended) {
    try {
      ended.connection().close();
    } catch (SQLException e) {
      // Its work is done, and the driver has let go of the socket.
    }
  }
}
