package dev.shardwright.router.internal.jdbc.rows;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The names of the types of a statement's columns. The driver asks the database for them, so they
 * are asked for once, when somebody wants to know one, on a connection that is at hand for that
 * time. Used by one thread at a time.
 */
public final class TypeNames {
  private final Source source;
  private String @Nullable [] names;

  /** Where they come from. */
  @FunctionalInterface
  public interface Source {
    String[] get() throws SQLException;
  }

  public TypeNames(Source source) {
    this.source = source;
  }

  /**
   * @param column from 1, one that there is
   */
  String of(int column) throws SQLException {
    String[] known = names;
    if (known == null) {
      known = source.get();
      names = known;
    }
    return known[column - 1];
  }

  /**
   * Reads them all.
   *
   * @param columns whose connection is at hand
   */
  public static String[] read(ResultSetMetaData columns) throws SQLException {
    String[] names = new String[columns.getColumnCount()];
    for (int i = 0; i < names.length; i++) {
      names[i] = columns.getColumnTypeName(i + 1);
    }
    return names;
  }
}
