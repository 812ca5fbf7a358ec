package dev.shardwright.router.internal.jdbc.rows;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The columns of rows whose connection may be in other hands, now or later: then what the driver
 * would ask the database for on it is not known, but for the names of types, which are asked for
 * elsewhere. Used by one thread at a time.
 */
public final class DetachedColumns implements ResultSetMetaData {
  private final ResultSetMetaData columns;
  private final BooleanSupplier attached;
  private final TypeNames typeNames;

  /**
   * @param columns what the driver says of them
   * @param attached whether the connection is still that of the rows
   */
  public DetachedColumns(ResultSetMetaData columns, BooleanSupplier attached, TypeNames typeNames) {
    this.columns = columns;
    this.attached = attached;
    this.typeNames = typeNames;
  }

  /**
   * What can be known without a connection later.
   *
   * @param columns whose connection is at hand; null if there are none, then nothing is known
   */
  public static Optional<ResultSetMetaData> whole(@Nullable ResultSetMetaData columns)
      throws SQLException {
    if (columns == null) {
      return Optional.empty();
    }
    String[] names = TypeNames.read(columns);
    for (int column = 1; column <= names.length; column++) {
      columns.getColumnType(column); // has the driver look it up, which the name alone does not
    }
    return Optional.of(new DetachedColumns(columns, () -> false, new TypeNames(() -> names)));
  }

  @Override
  public int getColumnCount() throws SQLException {
    return columns.getColumnCount();
  }

  @Override
  public boolean isAutoIncrement(int column) throws SQLException {
    return attached.getAsBoolean() && columns.isAutoIncrement(column);
  }

  @Override
  public boolean isCaseSensitive(int column) throws SQLException {
    return columns.isCaseSensitive(column);
  }

  @Override
  public boolean isSearchable(int column) throws SQLException {
    return columns.isSearchable(column);
  }

  @Override
  public boolean isCurrency(int column) throws SQLException {
    return columns.isCurrency(column);
  }

  @Override
  public int isNullable(int column) throws SQLException {
    return attached.getAsBoolean()
        ? columns.isNullable(column)
        : ResultSetMetaData.columnNullableUnknown;
  }

  @Override
  public boolean isSigned(int column) throws SQLException {
    return columns.isSigned(column);
  }

  @Override
  public int getColumnDisplaySize(int column) throws SQLException {
    return columns.getColumnDisplaySize(column);
  }

  @Override
  public String getColumnLabel(int column) throws SQLException {
    return columns.getColumnLabel(column);
  }

  @Override
  public String getColumnName(int column) throws SQLException {
    return columns.getColumnName(column);
  }

  @Override
  public String getSchemaName(int column) {
    return "";
  }

  @Override
  public int getPrecision(int column) throws SQLException {
    return columns.getPrecision(column);
  }

  @Override
  public int getScale(int column) throws SQLException {
    return columns.getScale(column);
  }

  @Override
  public String getTableName(int column) throws SQLException {
    return attached.getAsBoolean() ? columns.getTableName(column) : "";
  }

  @Override
  public String getCatalogName(int column) throws SQLException {
    return columns.getCatalogName(column);
  }

  @Override
  public int getColumnType(int column) throws SQLException {
    return columns.getColumnType(column);
  }

  @Override
  public String getColumnTypeName(int column) throws SQLException {
    if (attached.getAsBoolean()) {
      return columns.getColumnTypeName(column);
    }
    columns.getColumnLabel(column); // refused where there is no such column
    return typeNames.of(column);
  }

  @Override
  public boolean isReadOnly(int column) throws SQLException {
    return columns.isReadOnly(column);
  }

  @Override
  public boolean isWritable(int column) throws SQLException {
    return columns.isWritable(column);
  }

  @Override
  public boolean isDefinitelyWritable(int column) throws SQLException {
    return columns.isDefinitelyWritable(column);
  }

  @Override
  public String getColumnClassName(int column) throws SQLException {
    return columns.getColumnClassName(column);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    if (!attached.getAsBoolean()) {
      throw SqlFailures.notSupported(
          "columns outside their transaction wrap no %s: it would ask on a connection that may be"
                  .formatted(type.getName())
              + " somebody else's");
    }
    return columns.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || (attached.getAsBoolean() && columns.isWrapperFor(type));
  }
}
