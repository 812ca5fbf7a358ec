package dev.shardwright.router;

import dev.shardwright.ShardException;
import java.sql.SQLException;

/**
 * PostgreSQL, or its driver, refused the statement: a constraint, an error in the SQL, a conflict
 * that repeating did not resolve. The cause is what it said.
 */
public final class StatementFailed extends ShardException {
  private final String sqlState;

  /** For the router. */
  public StatementFailed(String message, SQLException cause) {
    super(message, cause);
    String state = cause.getSQLState();
    this.sqlState = state == null ? "" : state;
  }

  /** The SQLSTATE of what PostgreSQL said; empty if the driver gave none. */
  public String sqlState() {
    return sqlState;
  }
}
