package dev.shardwright.router.internal.scatter.rows;

import dev.shardwright.ring.ShardId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one shard's part of a query. Used by one thread at a time; closing is safe to repeat.
 */
public final class PartRows implements DriverCursor, AutoCloseable {
  private final ShardId shard;
  private final Statement statement;
  private final ResultSet rows;
  private final RowShape shape;
  private final Supply supply;
  private List<KeyColumn> keys = List.of();
  private @Nullable Boolean peeked;
  private @Nullable Object @Nullable [] keysHere;
  private boolean closed;

  /** Where the rows come from that are not here yet. */
  public interface Supply {
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

  /**
   * @param statement closed with the rows, and not before: until then nobody else may run its
   *     parsed query, whose fields say in which form the values are
   */
  public PartRows(
      ShardId shard, Statement statement, ResultSet rows, RowShape shape, Supply supply) {
    this.shard = shard;
    this.statement = statement;
    this.rows = rows;
    this.shape = shape;
    this.supply = supply;
  }

  public ShardId shard() {
    return shard;
  }

  @Override
  public ResultSet rows() {
    return rows;
  }

  /** What the rows came from. */
  public Statement statement() {
    return statement;
  }

  public RowShape shape() {
    return shape;
  }

  /** Whether they come through a cursor. */
  public boolean isStreamed() {
    return supply != Supply.NONE;
  }

  /** How many rows there are, none of which has been read yet; only of rows that came whole. */
  public int count() throws SQLException {
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
  public boolean peek() throws SQLException {
    Boolean known = peeked;
    if (known == null) {
      known = advance();
      peeked = known;
    }
    return known;
  }

  /** From here on each row is read along with these keys. */
  public void orderBy(List<KeyColumn> columns) {
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
    @Nullable Object[] known = keysHere;
    if (known == null) {
      known = KeyColumn.read(keys, rows);
      keysHere = known;
    }
    return known;
  }

  @Override
  public void close() {
    close(null);
  }

  private boolean advance() throws SQLException {
    if (closed) {
      return false;
    }
    keysHere = null;
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
      statement.close();
    } catch (SQLException e) {
      problem = problem == null ? e : problem;
    }
    supply.end(problem);
  }
}
