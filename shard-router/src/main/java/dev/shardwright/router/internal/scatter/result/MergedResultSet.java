package dev.shardwright.router.internal.scatter.result;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * The answer of a query over several shards as a forward-only result. Hands out the rows of the
 * shards' own results; behaves towards its caller as the driver's forward-only results do. Used by
 * one thread at a time.
 */
public final class MergedResultSet extends MergedGetters {
  private final MergedRows merged;
  private final ResultSet model;
  private final int columns;
  private final @Nullable Statement owner;

  private @Nullable ResultSetMetaData metaData;
  private @Nullable ResultSet current;

  /** The result read last, which knows whether that was NULL. */
  private ResultSet lastRead;

  private int row;
  private boolean beforeFirst = true;
  private @Nullable Boolean empty;
  private boolean closed;
  private int fetchSize;

  /**
   * @param owner the statement that the result belongs to; null if there is none to be shown
   */
  public MergedResultSet(MergedRows rows, @Nullable Statement owner) {
    this.merged = rows;
    this.model = rows.model();
    this.lastRead = model;
    this.columns = rows.columns();
    this.owner = owner;
  }

  @Override
  public boolean next() throws SQLException {
    checkOpen();
    if (beforeFirst) {
      beforeFirst = false;
      if (empty == null) {
        current = merged.next();
        empty = current == null;
      }
    } else if (current != null) {
      current = merged.next();
    }
    row = current == null ? 0 : row + 1;
    return current != null;
  }

  @Override
  ResultSet at(int column) throws SQLException {
    ResultSet at = rows();
    if (column > columns) {
      throw outOfRange(column);
    }
    lastRead = at;
    return at;
  }

  @Override
  protected ResultSet rows() throws SQLException {
    checkOpen();
    ResultSet at = beforeFirst ? null : current;
    if (at == null) {
      throw new PSQLException(
          "ResultSet not positioned properly, perhaps you need to call next.",
          PSQLState.INVALID_CURSOR_STATE);
    }
    return at;
  }

  @Override
  public boolean wasNull() throws SQLException {
    checkOpen();
    return lastRead.wasNull();
  }

  @Override
  public int findColumn(String label) throws SQLException {
    checkOpen();
    int column = model.findColumn(label);
    if (column > columns) {
      throw new PSQLException(
          "The column name %s was not found in this ResultSet.".formatted(label),
          PSQLState.UNDEFINED_COLUMN);
    }
    return column;
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    checkOpen();
    ResultSetMetaData known = metaData;
    if (known == null) {
      known = new MergedMetaData(model.getMetaData(), columns, merged);
      metaData = known;
    }
    return known;
  }

  @Override
  public int getRow() throws SQLException {
    checkOpen();
    return row;
  }

  @Override
  public boolean isBeforeFirst() throws SQLException {
    checkOpen();
    if (!beforeFirst) {
      return false;
    }
    if (empty == null) {
      current = merged.next();
      empty = current == null;
    }
    return !empty;
  }

  @Override
  public boolean isFirst() throws SQLException {
    checkOpen();
    return row == 1;
  }

  @Override
  public boolean isAfterLast() throws SQLException {
    checkOpen();
    return !beforeFirst && current == null && Boolean.FALSE.equals(empty);
  }

  /** A hint that comes too late: how the rows come was decided when they were asked for. */
  @Override
  public void setFetchSize(int size) throws SQLException {
    checkOpen();
    if (size < 0) {
      throw new PSQLException(
          "Fetch size must be a value greater to or equal to 0.",
          PSQLState.INVALID_PARAMETER_VALUE);
    }
    fetchSize = size;
  }

  @Override
  public int getFetchSize() throws SQLException {
    checkOpen();
    return fetchSize;
  }

  @Override
  public int getConcurrency() throws SQLException {
    checkOpen();
    return CONCUR_READ_ONLY;
  }

  /** What comes on the connection of a transaction ends with it. */
  @Override
  public int getHoldability() {
    return merged.isStreamed() ? CLOSE_CURSORS_AT_COMMIT : HOLD_CURSORS_OVER_COMMIT;
  }

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    checkOpen();
    return owner;
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
  }

  @Override
  public @Nullable String getCursorName() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    merged.close();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("the rows of several shards are no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  @Override
  protected void checkOpen() throws SQLException {
    if (closed) {
      throw new PSQLException("This ResultSet is closed.", PSQLState.OBJECT_NOT_IN_STATE);
    }
  }

  private SQLException outOfRange(int column) {
    return new PSQLException(
        "The column index is out of range: %s, number of columns: %s.".formatted(column, columns),
        PSQLState.INVALID_PARAMETER_VALUE);
  }
}
