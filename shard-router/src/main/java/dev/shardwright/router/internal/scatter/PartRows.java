package dev.shardwright.router.internal.scatter;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.merge.RowCursor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one shard's part of a query. Used by one thread at a time; closing is safe to repeat.
 */
final class PartRows implements RowCursor<SQLException>, AutoCloseable {
  private final ShardId shard;
  private final ResultSet rows;
  private final RowShape shape;
  private final Supply supply;
  private List<KeyColumn> keys = List.of();
  private @Nullable Boolean peeked;
  private boolean closed;

  /** Where the rows come from that are not here yet. */
  interface Supply {
    /** From nowhere: all are here. */
    Supply NONE =
        new Supply() {
          @Override
          public boolean next(ResultSet rows) throws SQLException {
            return rows.next();
          }

          @Override
          public void end(@Nullable SQLException failure) {}
        };

    /** Moves the rows on by one. */
    boolean next(ResultSet rows) throws SQLException;

    /**
     * Needed no longer. Safe to repeat.
     *
     * @param failure what went wrong; null if nothing did
     */
    void end(@Nullable SQLException failure);
  }

  PartRows(ShardId shard, ResultSet rows, RowShape shape, Supply supply) {
    this.shard = shard;
    this.rows = rows;
    this.shape = shape;
    this.supply = supply;
  }

  ShardId shard() {
    return shard;
  }

  /** At the current row. */
  ResultSet rows() {
    return rows;
  }

  RowShape shape() {
    return shape;
  }

  /** How many rows there are, none of which has been read yet; only of rows that came whole. */
  int count() throws SQLException {
    rows.last();
    int count = rows.getRow();
    rows.beforeFirst();
    return count;
  }

  /**
   * Reads ahead to the first row, which stays the next one.
   *
   * @return whether there is one
   */
  boolean peek() throws SQLException {
    Boolean known = peeked;
    if (known == null) {
      known = advance();
      peeked = known;
    }
    return known;
  }

  /** From here on each row is read along with these keys. */
  void orderBy(List<KeyColumn> columns) {
    keys = columns;
  }

  @Override
  public boolean next() throws SQLException {
    Boolean first = peeked;
    if (first == null) {
      return advance();
    }
    peeked = null;
    return first;
  }

  @Override
  public @Nullable Object[] keys() throws SQLException {
    @Nullable Object[] values = new @Nullable Object[keys.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = keys.get(i).read(rows);
    }
    return values;
  }

  @Override
  public void close() {
    close(null);
  }

  private boolean advance() throws SQLException {
    if (closed) {
      return false;
    }
    try {
      boolean another = supply.next(rows);
      if (!another) {
        supply.end(null);
      }
      return another;
    } catch (SQLException e) {
      close(e);
      throw e;
    }
  }

  private void close(@Nullable SQLException failure) {
    if (closed) {
      return;
    }
    closed = true;
    SQLException problem = failure;
    try {
      rows.close();
    } catch (SQLException e) {
      problem = problem == null ? e : problem;
    }
    supply.end(problem);
  }
}
