package dev.shardwright.router.internal.jdbc.statement;

import com.google.common.primitives.Ints;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** What was set on a statement, to be set on the driver's statement too. Used by one thread. */
public final class StatementOptions {
  public final int type;
  public final int concurrency;
  public final int holdability;
  public int fetchSize;
  public int fetchDirection = ResultSet.FETCH_FORWARD;
  public long maxRows;
  public int maxFieldSize;
  public int timeoutSeconds;
  public boolean escapes = true;
  public boolean poolable;

  public StatementOptions(int type, int concurrency, int holdability, int fetchSize) {
    this.type = type;
    this.concurrency = concurrency;
    this.holdability = holdability;
    this.fetchSize = fetchSize;
  }

  /** The same for rows that cannot be changed. */
  StatementOptions readOnly() {
    StatementOptions same =
        new StatementOptions(type, ResultSet.CONCUR_READ_ONLY, holdability, fetchSize);
    same.fetchDirection = fetchDirection;
    same.maxRows = maxRows;
    same.maxFieldSize = maxFieldSize;
    same.timeoutSeconds = timeoutSeconds;
    same.escapes = escapes;
    same.poolable = poolable;
    return same;
  }

  /**
   * Rows that can be changed need their connection.
   *
   * @param outlive whether the rows will be read after the connection has been given back
   */
  int concurrency(boolean outlive) {
    return outlive ? ResultSet.CONCUR_READ_ONLY : concurrency;
  }

  /** Whether the driver's rows within a transaction need their connection while they are read. */
  boolean tieRows() {
    boolean cursor =
        fetchSize > 0
            && type == ResultSet.TYPE_FORWARD_ONLY
            && holdability == ResultSet.CLOSE_CURSORS_AT_COMMIT;
    return cursor || concurrency == ResultSet.CONCUR_UPDATABLE;
  }

  /** How long a statement may take with all its attempts; over several shards, to its first row. */
  public Duration deadline(Duration most) {
    Duration wanted = Duration.ofSeconds(timeoutSeconds);
    return timeoutSeconds > 0 && wanted.compareTo(most) < 0 ? wanted : most;
  }

  /**
   * @param limitSeconds the most that is left of the deadline; 0 where there is time enough
   */
  void applyTo(Statement statement, int limitSeconds) throws SQLException {
    int timeout =
        limitSeconds > 0 && timeoutSeconds > 0
            ? Math.min(limitSeconds, timeoutSeconds)
            : Math.max(limitSeconds, timeoutSeconds);
    if (timeout > 0) {
      statement.setQueryTimeout(timeout);
    }
    statement.setFetchSize(fetchSize); // also 0: the driver's own default may be another
    if (maxRows > 0) {
      statement.setMaxRows(Ints.saturatedCast(maxRows)); // the driver knows no larger one
    }
    if (maxFieldSize > 0) {
      statement.setMaxFieldSize(maxFieldSize);
    }
    if (!escapes) {
      statement.setEscapeProcessing(false);
    }
  }
}
