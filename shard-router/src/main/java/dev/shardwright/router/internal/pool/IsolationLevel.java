package dev.shardwright.router.internal.pool;

import com.google.common.base.Ascii;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/** The isolation levels as JDBC numbers them and PostgreSQL names them. */
public enum IsolationLevel {
  READ_UNCOMMITTED(Connection.TRANSACTION_READ_UNCOMMITTED, "read uncommitted"),
  READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED, "read committed"),
  REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ, "repeatable read"),
  SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE, "serializable");

  private final int number;
  private final String sql;

  IsolationLevel(int number, String sql) {
    this.number = number;
    this.sql = sql;
  }

  /**
   * The level that JDBC numbers so.
   *
   * @throws SQLException if there is none
   */
  public static IsolationLevel of(int number) throws SQLException {
    for (IsolationLevel level : values()) {
      if (level.number == number) {
        return level;
      }
    }
    throw new SQLException(
        "there is no transaction isolation level " + number,
        PSQLState.INVALID_PARAMETER_VALUE.getState());
  }

  /** The level that PostgreSQL writes so. */
  public static IsolationLevel named(String sql) {
    return valueOf(Ascii.toUpperCase(sql).replace(' ', '_'));
  }

  /** Whether all statements of a transaction see one snapshot. */
  public boolean keepsSnapshot() {
    return this == REPEATABLE_READ || this == SERIALIZABLE;
  }

  /** As JDBC numbers it. */
  public int number() {
    return number;
  }

  /** As PostgreSQL names it. */
  public String sql() {
    return sql;
  }

  /** Sets it for the transaction that begins with this statement. */
  public String set() {
    return "set transaction isolation level " + sql;
  }
}
