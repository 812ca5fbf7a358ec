package dev.shardwright.rebalance.internal.copy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * A position of a key log at or below which no row is and none can come. To read the log from there
 * on spares the index entries of rows that were deleted, which stay as long as somebody has an old
 * snapshot.
 *
 * <p>Whoever takes a position has the lock of the gate by then, shared, and keeps it as long as the
 * row of the log can come to be seen: both end with the transaction, or with the savepoint that it
 * is rolled back to. So with <i>h</i> the last position taken, every transaction that has a
 * position up to <i>h</i> and has not ended is among the holders that are read after <i>h</i>; once
 * none of these holds the lock, all that will ever be at or below <i>h</i> can be seen, and if
 * there is nothing, <i>h</i> is a mark. Others may run as long as they like, where the oldest
 * transaction that runs would not do: any in the cluster would count.
 */
final class LowWaterMark {
  /** So begins the name of a prepared transaction after a restart: it had another before. */
  private static final String RECOVERED = "-1/";

  private record Candidate(long position, Set<String> writers) {}

  private final KeyLog log;
  private Optional<Candidate> candidate = Optional.empty();
  private boolean ripe;
  private long position;

  LowWaterMark(KeyLog log) {
    this.log = log;
  }

  long position() {
    return position;
  }

  /**
   * To be called before the log is read.
   *
   * @param connection in autocommit mode
   */
  void beforeReading(Connection connection) throws SQLException {
    if (candidate.isPresent()) {
      Set<String> before = candidate.get().writers();
      ripe =
          log.writers(connection).stream()
              .noneMatch(writer -> before.contains(writer) || writer.startsWith(RECOVERED));
      return;
    }
    long last = log.lastPosition(connection);
    if (last > position) {
      Set<String> writers = log.writers(connection);
      candidate = Optional.of(new Candidate(last, writers));
      ripe = writers.isEmpty();
    }
  }

  /** To be called after the log was read from the mark on, with its first rows. */
  void afterReading(KeyLog.Batch batch) {
    candidate
        .filter(mark -> ripe)
        .filter(mark -> batch.isEmpty() || batch.positions().get(0) > mark.position())
        .ifPresent(
            mark -> {
              position = mark.position();
              candidate = Optional.empty();
            });
    ripe = false;
  }
}
