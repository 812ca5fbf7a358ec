package dev.shardwright.router.internal.scatter.result;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The rows of an answer, each at hand as the current row of a result of the driver. */
public interface MergedRows {
  /** Moves on, and gives the result that stands at the next row; null at the end. */
  @Nullable ResultSet next() throws SQLException;

  /** A result of the driver with the columns of the answer, and perhaps hidden ones after them. */
  ResultSet model();

  /** How many columns the caller sees. */
  int columns();

  /** Whether rows are still to come from a shard, on a connection that is taken meanwhile. */
  boolean isStreamed();

  /** What the driver says about the columns once it has asked a shard. Not to be kept for long. */
  <T> T describe(Description<T> reader) throws SQLException;

  /** Ends whatever the rows still hold. Safe to repeat. */
  void close();

  /** Reads from metadata whose connection is at hand for that time. */
  @FunctionalInterface
  interface Description<T> {
    T read(ResultSetMetaData data) throws SQLException;
  }
}
