package dev.shardwright.router.internal.scatter;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** How a shard sends its rows. */
sealed interface Delivery {
  /** The type of result set that the driver needs for it. */
  int resultSetType();

  /** Prepares a statement for it. */
  void applyTo(PreparedStatement statement) throws SQLException;

  /**
   * All at once; the connection is free when they are here.
   *
   * @param maxRows at most that many; 0 for all
   */
  record Whole(int maxRows) implements Delivery {
    /** Only a scrollable one can be counted; otherwise it is no different. */
    @Override
    public int resultSetType() {
      return ResultSet.TYPE_SCROLL_INSENSITIVE;
    }

    @Override
    public void applyTo(PreparedStatement statement) throws SQLException {
      statement.setMaxRows(maxRows);
    }
  }

  /**
   * Some at a time, through a cursor; the connection is taken until the last.
   *
   * @param fetchSize how many at a time
   */
  record Streamed(int fetchSize) implements Delivery {
    @Override
    public int resultSetType() {
      return ResultSet.TYPE_FORWARD_ONLY;
    }

    @Override
    public void applyTo(PreparedStatement statement) throws SQLException {
      statement.setFetchSize(fetchSize);
    }
  }
}
