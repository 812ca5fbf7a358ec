package dev.shardwright.router.jdbc;

import com.google.common.base.Ascii;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/** The isolation levels as JDBC numbers them and PostgreSQL names them. */
enum IsolationLevel {
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

  static IsolationLevel of(int number) throws SQLException {
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
  static IsolationLevel named(String sql) {
    return valueOf(Ascii.toUpperCase(sql).replace(' ', '_'));
  }

  /** Whether all statements of a transaction see one snapshot. */
  boolean keepsSnapshot() {
    return this == REPEATABLE_READ || this == SERIALIZABLE;
  }

  int number() {
    return number;
  }

  String sql() {
    return sql;
  }

  /** Sets it for the transaction that begins with this statement. */
  String set() {
    return "set transaction isolation level " + sql;
  }
}
