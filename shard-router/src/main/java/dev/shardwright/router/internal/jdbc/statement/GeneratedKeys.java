package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of the rows that it changes a statement is to give back. Immutable.
 *
 * @param all whether it is all of them
 * @param columns some, by name
 */
public record GeneratedKeys(boolean all, List<String> columns) {
  public static final GeneratedKeys NONE = new GeneratedKeys(false, List.of());
  static final GeneratedKeys ALL = new GeneratedKeys(true, List.of());

  /** As JDBC says it with a constant of {@link Statement}. */
  public static GeneratedKeys of(int flag) {
    return flag == Statement.RETURN_GENERATED_KEYS ? ALL : NONE;
  }

  public static GeneratedKeys of(String @Nullable [] columns) {
    return columns == null || columns.length == 0
        ? NONE
        : new GeneratedKeys(false, List.of(columns));
  }

  public static GeneratedKeys of(int @Nullable [] columns) throws SQLException {
    if (columns == null || columns.length == 0) {
      return NONE;
    }
    throw SqlFailures.notSupported("generated keys by the number of a column: name the columns");
  }

  boolean wanted() {
    return all || !columns.isEmpty();
  }

  String[] names() {
    return columns.toArray(String[]::new);
  }
}
