package dev.shardwright.router.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * The columns of rows whose connection may be in other hands: what the driver would ask the
 * database for is not known. As thread-safe as the driver's.
 */
record DetachedColumns(ResultSetMetaData columns) implements ResultSetMetaData {
  @Override
  public int getColumnCount() throws SQLException {
    return columns.getColumnCount();
  }

  @Override
  public boolean isAutoIncrement(int column) {
    return false;
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
  public int isNullable(int column) {
    return ResultSetMetaData.columnNullableUnknown;
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
  public String getTableName(int column) {
    return "";
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
    return columns.getColumnTypeName(column);
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
    return type.isInstance(this) ? type.cast(this) : columns.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || columns.isWrapperFor(type);
  }
}
