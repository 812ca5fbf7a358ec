package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.util.PSQLState;

/**
 * The part of a statement that takes its options: notes each as it is given, for whichever shard it
 * will be.
 */
abstract class OptionSetting implements Statement {
  final StatementOptions options;

  OptionSetting(StatementOptions options) {
    this.options = options;
  }

  /**
   * @throws SQLException if the statement is closed
   */
  abstract void checkOpen() throws SQLException;

  @Override
  public final int getMaxFieldSize() throws SQLException {
    checkOpen();
    return options.maxFieldSize;
  }

  @Override
  public final void setMaxFieldSize(int bytes) throws SQLException {
    checkOpen();
    options.maxFieldSize = Counts.notNegative("maximum field size", bytes);
  }

  @Override
  public final int getMaxRows() throws SQLException {
    checkOpen();
    return Counts.toInt(options.maxRows);
  }

  @Override
  public final void setMaxRows(int rows) throws SQLException {
    setLargeMaxRows(rows);
  }

  @Override
  public final long getLargeMaxRows() throws SQLException {
    checkOpen();
    return options.maxRows;
  }

  @Override
  public final void setLargeMaxRows(long rows) throws SQLException {
    checkOpen();
    options.maxRows = Counts.notNegative("maximum of rows", rows);
  }

  @Override
  public final void setEscapeProcessing(boolean escapes) throws SQLException {
    checkOpen();
    options.escapes = escapes;
  }

  @Override
  public final int getQueryTimeout() throws SQLException {
    checkOpen();
    return options.timeoutSeconds;
  }

  @Override
  public final void setQueryTimeout(int seconds) throws SQLException {
    checkOpen();
    options.timeoutSeconds = Counts.notNegative("query timeout", seconds);
  }

  @Override
  public final void setCursorName(String name) throws SQLException {
    checkOpen(); // a hint for positioned updates, which PostgreSQL's driver does not take either
  }

  @Override
  public final void setFetchDirection(int direction) throws SQLException {
    checkOpen();
    if (!List.of(ResultSet.FETCH_FORWARD, ResultSet.FETCH_REVERSE, ResultSet.FETCH_UNKNOWN)
        .contains(direction)) {
      throw new SQLException(
          "unknown fetch direction " + direction, PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    options.fetchDirection = direction;
  }

  @Override
  public final int getFetchDirection() throws SQLException {
    checkOpen();
    return options.fetchDirection;
  }

  @Override
  public final void setFetchSize(int rows) throws SQLException {
    checkOpen();
    options.fetchSize = Counts.notNegative("fetch size", rows);
  }

  @Override
  public final int getFetchSize() throws SQLException {
    checkOpen();
    return options.fetchSize;
  }

  @Override
  public final int getResultSetConcurrency() throws SQLException {
    checkOpen();
    return options.concurrency;
  }

  @Override
  public final int getResultSetType() throws SQLException {
    checkOpen();
    return options.type;
  }

  @Override
  public final int getResultSetHoldability() throws SQLException {
    checkOpen();
    return options.holdability;
  }

  @Override
  public final void setPoolable(boolean poolable) throws SQLException {
    checkOpen();
    options.poolable = poolable;
  }

  @Override
  public final boolean isPoolable() throws SQLException {
    checkOpen();
    return options.poolable;
  }
}
