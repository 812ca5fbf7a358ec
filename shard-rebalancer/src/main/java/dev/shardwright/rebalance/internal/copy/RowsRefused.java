package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.ShardException;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;
import java.util.Set;

/**
 * The other side does not take a row, however often it is tried: a constraint, its type or a right
 * is in its way. The operator has to change that, or the row; the server's words say what it is.
 */
public final class RowsRefused extends ShardException {
  /** The row of another table that it refers to may come yet: reference tables are written so. */
  private static final String NOT_THERE_YET = "23503";

  /** Data exceptions, integrity constraint violations, syntax errors and access violations. */
  private static final Set<String> CLASSES = Set.of("22", "23", "42");

  private RowsRefused(TableName table, SQLException cause) {
    super(
        "table %s: a row is refused on the other side: %s".formatted(table, cause.getMessage()),
        cause);
  }

  /**
   * Returns if that failure of the other side may be another one next time.
   *
   * @throws RowsRefused if not
   */
  static void check(TableName table, SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    if (!Conflicts.isConflict(failure)
        && !state.equals(NOT_THERE_YET)
        && CLASSES.contains(state.substring(0, 2))) {
      throw new RowsRefused(table, failure);
    }
  }
}
