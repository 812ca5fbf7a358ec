package dev.shardwright.rebalance.internal.copy;

import java.sql.SQLException;

/** For how much longer others may wait for what is copied; asked again and again. */
@FunctionalInterface
public interface TimeLeft {
  /** Nobody waits. */
  TimeLeft UNHURRIED = () -> Long.MAX_VALUE;

  /** In milliseconds; none if that is not positive. */
  long millis();

  /**
   * Looks whether there is time left.
   *
   * @throws SQLException with SQLSTATE 57014 if not
   */
  default void check() throws SQLException {
    if (millis() <= 0) {
      throw new SQLException("no time is left to copy what was written last", "57014");
    }
  }

  /**
   * SQL that holds each further statement of a transaction, COMMIT included, to what is left now:
   * other sessions may have the rows, or the disk, that it needs.
   */
  default String limits() {
    long left = millis();
    return left == Long.MAX_VALUE
        ? ""
        : "set local statement_timeout = %1$d; set local lock_timeout = %1$d; "
            .formatted(Math.max(1, left));
  }
}
