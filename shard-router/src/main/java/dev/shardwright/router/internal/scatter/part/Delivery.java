package dev.shardwright.router.internal.scatter.part;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How a shard sends its rows: all at once, after which the connection is free, or some at a time
 * through a cursor, for which the connection is taken until the last.
 *
 * @param maxRows at most that many at once; 0 for all
 * @param fetchSize how many at a time; 0 for all at once
 * @param text whether every value is sent in its text form, as PostgreSQL reads it again
 */
public record Delivery(int maxRows, int fetchSize, boolean text) {
  public static Delivery whole(int maxRows) {
    return new Delivery(maxRows, 0, false);
  }

  public static Delivery streamed(int fetchSize) {
    return new Delivery(0, fetchSize, false);
  }

  public Delivery asText() {
    return new Delivery(maxRows, fetchSize, true);
  }

  /** Rows that are all here can be counted only where the result scrolls; it is no different. */
  int resultSetType() {
    return fetchSize == 0 ? ResultSet.TYPE_SCROLL_INSENSITIVE : ResultSet.TYPE_FORWARD_ONLY;
  }

  /** The driver asks for text wherever it might have to change rows, however often it runs. */
  int concurrency() {
    return text ? ResultSet.CONCUR_UPDATABLE : ResultSet.CONCUR_READ_ONLY;
  }

  void applyTo(PreparedStatement statement) throws SQLException {
    statement.setMaxRows(maxRows);
    statement.setFetchSize(fetchSize);
  }
}
