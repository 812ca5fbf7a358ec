package dev.shardwright.rebalance.internal.copy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * A position of a key log at or below which no row is and none can come. To read the log from there
 * on spares the index entries of rows that were deleted, which stay as long as somebody has an old
 * snapshot.
 *
 * <p>Whoever takes a position has an id of its transaction by then. So with <i>h</i> the last
 * position taken, and <i>x</i> a transaction id given out later, every transaction with a position
 * up to <i>h</i> has an id below <i>x</i>; once none below <i>x</i> runs, all that will ever be at
 * or below <i>h</i> can be seen, and if there is nothing, <i>h</i> is a mark. The upper bound of a
 * snapshot would not do for <i>x</i>: it is one past the last transaction that <i>ended</i>, and
 * others that run may have larger ids.
 */
final class LowWaterMark {
  private static final String OLDEST_RUNNING =
      "select pg_snapshot_xmin(pg_current_snapshot())::text::int8";
  private static final String NEW_TRANSACTION = "select pg_current_xact_id()::text::int8";

  private record Candidate(long position, long before) {}

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
   * @param connection in autocommit mode, so that the id that it draws is given back at once
   */
  void beforeReading(Connection connection) throws SQLException {
    if (candidate.isEmpty()) {
      long last = log.lastPosition(connection);
      if (last > position) {
        candidate = Optional.of(new Candidate(last, number(connection, NEW_TRANSACTION)));
      }
    }
    ripe = candidate.isPresent() && number(connection, OLDEST_RUNNING) >= candidate.get().before();
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

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
