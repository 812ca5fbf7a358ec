package dev.shardwright.router.internal.scatter.result;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Metadata of an answer over several shards. What came along with the rows is read from them; what
 * the driver has to ask a server for is asked once, for all columns, on a connection that is at
 * hand for that time.
 */
final class MergedMetaData implements ResultSetMetaData {
  private final ResultSetMetaData known;
  private final int columns;
  private final MergedRows rows;

  /** Null until somebody wants to know. */
  private @Nullable List<Asked> asked;

  /** What a server was asked about a column. */
  private record Asked(String typeName, String table, int nullable, boolean autoIncrement) {}

  /**
   * @param known from one shard, hidden columns included
   * @param columns how many columns the caller sees
   */
  MergedMetaData(ResultSetMetaData known, int columns, MergedRows rows) {
    this.known = known;
    this.columns = columns;
    this.rows = rows;
  }

  @Override
  public int getColumnCount() {
    return columns;
  }

  @Override
  public boolean isAutoIncrement(int column) throws SQLException {
    return asked(column).autoIncrement();
  }

  @Override
  public boolean isCaseSensitive(int column) throws SQLException {
    return at(column).isCaseSensitive(column);
  }

  @Override
  public boolean isSearchable(int column) throws SQLException {
    return at(column).isSearchable(column);
  }

  @Override
  public boolean isCurrency(int column) throws SQLException {
    return at(column).isCurrency(column);
  }

  @Override
  public int isNullable(int column) throws SQLException {
    return asked(column).nullable();
  }

  @Override
  public boolean isSigned(int column) throws SQLException {
    return at(column).isSigned(column);
  }

  @Override
  public int getColumnDisplaySize(int column) throws SQLException {
    return at(column).getColumnDisplaySize(column);
  }

  @Override
  public String getColumnLabel(int column) throws SQLException {
    return at(column).getColumnLabel(column);
  }

  @Override
  public String getColumnName(int column) throws SQLException {
    return at(column).getColumnName(column);
  }

  @Override
  public String getSchemaName(int column) throws SQLException {
    return at(column).getSchemaName(column);
  }

  @Override
  public int getPrecision(int column) throws SQLException {
    return at(column).getPrecision(column);
  }

  @Override
  public int getScale(int column) throws SQLException {
    return at(column).getScale(column);
  }

  @Override
  public String getTableName(int column) throws SQLException {
    return asked(column).table();
  }

  @Override
  public String getCatalogName(int column) throws SQLException {
    return at(column).getCatalogName(column);
  }

  @Override
  public int getColumnType(int column) throws SQLException {
    return at(column).getColumnType(column);
  }

  @Override
  public String getColumnTypeName(int column) throws SQLException {
    return asked(column).typeName();
  }

  @Override
  public boolean isReadOnly(int column) throws SQLException {
    return at(column).isReadOnly(column);
  }

  @Override
  public boolean isWritable(int column) throws SQLException {
    return at(column).isWritable(column);
  }

  @Override
  public boolean isDefinitelyWritable(int column) throws SQLException {
    return at(column).isDefinitelyWritable(column);
  }

  @Override
  public String getColumnClassName(int column) throws SQLException {
    return at(column).getColumnClassName(column);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("the metadata of several shards is no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  private Asked asked(int column) throws SQLException {
    check(column);
    List<Asked> known = asked;
    if (known == null) {
      known = rows.describe(this::ask);
      asked = known;
    }
    return known.get(column - 1);
  }

  private List<Asked> ask(ResultSetMetaData data) throws SQLException {
    List<Asked> all = new ArrayList<>();
    for (int column = 1; column <= columns; column++) {
      all.add(
          new Asked(
              data.getColumnTypeName(column),
              data.getTableName(column),
              data.isNullable(column),
              data.isAutoIncrement(column)));
    }
    return all;
  }

  private ResultSetMetaData at(int column) throws SQLException {
    check(column);
    return known;
  }

  private void check(int column) throws SQLException {
    if (column < 1 || column > columns) {
      throw new PSQLException(
          "The column index is out of range: %s, number of columns: %s.".formatted(column, columns),
          PSQLState.INVALID_PARAMETER_VALUE);
    }
  }
}
