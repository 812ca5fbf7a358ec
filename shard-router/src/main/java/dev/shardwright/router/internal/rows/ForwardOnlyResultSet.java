package dev.shardwright.router.internal.rows;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * A result set that only moves forward, whatever those do that it passes calls on to. Behaves as
 * the driver's forward-only results do. As thread-safe as the others.
 */
public abstract class ForwardOnlyResultSet extends ForwardingResultSet {
  /** Throws if it is closed. */
  protected abstract void checkOpen() throws SQLException;

  @Override
  public int getType() throws SQLException {
    checkOpen();
    return TYPE_FORWARD_ONLY;
  }

  /** Optional by JDBC for results that only move forward: to know it, one would have to move. */
  @Override
  public boolean isLast() throws SQLException {
    checkOpen();
    throw new SQLFeatureNotSupportedException(
        "isLast is not for the rows of several shards: call next", "0A000");
  }

  @Override
  public void beforeFirst() throws SQLException {
    throw forwardOnly();
  }

  @Override
  public void afterLast() throws SQLException {
    throw forwardOnly();
  }

  @Override
  public boolean first() throws SQLException {
    throw forwardOnly();
  }

  @Override
  public boolean last() throws SQLException {
    throw forwardOnly();
  }

  @Override
  public boolean absolute(int number) throws SQLException {
    throw forwardOnly();
  }

  @Override
  public boolean relative(int by) throws SQLException {
    throw forwardOnly();
  }

  @Override
  public boolean previous() throws SQLException {
    throw forwardOnly();
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    checkOpen();
    if (direction != FETCH_FORWARD) {
      throw forwardOnly();
    }
  }

  @Override
  public int getFetchDirection() throws SQLException {
    checkOpen();
    return FETCH_FORWARD;
  }

  private SQLException forwardOnly() throws SQLException {
    checkOpen();
    return new PSQLException(
        "Operation requires a scrollable ResultSet, but this ResultSet is FORWARD_ONLY.",
        PSQLState.INVALID_CURSOR_STATE);
  }
}
