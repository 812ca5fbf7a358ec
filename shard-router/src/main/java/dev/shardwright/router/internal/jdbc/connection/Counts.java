package dev.shardwright.router.internal.jdbc.connection;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.postgresql.util.PSQLState;

/** Numbers of rows and the like, between what JDBC calls large and what it does not. */
final class Counts {
  private Counts() {}

  /** What does not fit is as much as fits: JDBC leaves it open, and throwing would be too late. */
  static int toInt(long count) {
    return count > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) count;
  }

  static int[] toInts(long[] counts) {
    return Arrays.stream(counts)
        .mapToInt(count -> count > Integer.MAX_VALUE ? Statement.SUCCESS_NO_INFO : (int) count)
        .toArray();
  }

  static int notNegative(String what, int number) throws SQLException {
    return (int) notNegative(what, (long) number);
  }

  static long notNegative(String what, long number) throws SQLException {
    if (number < 0) {
      throw new SQLException(
          "the %s is %s, less than 0".formatted(what, number),
          PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    return number;
  }
}
