package dev.shardwright.router.internal.jdbc.value;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An array that was made for a connection before it is known to which shards it goes: becomes the
 * driver's array where it is bound. Immutable.
 *
 * @param elements an array of objects or of primitives, which nobody else has
 */
public record ListedArray(String typeName, Object elements) implements Array {
  void bind(PreparedStatement statement, int at) throws SQLException {
    statement.setArray(
        at,
        elements instanceof Object[] objects
            ? statement.getConnection().createArrayOf(typeName, objects)
            : statement
                .getConnection()
                .unwrap(org.postgresql.jdbc.PgConnection.class)
                .createArrayOf(typeName, elements));
  }

  @Override
  public String getBaseTypeName() {
    return typeName;
  }

  @Override
  public int getBaseType() throws SQLException {
    throw SqlFailures.notSupported("the base type of an array that was not read from a row");
  }

  @Override
  public Object getArray() throws SQLException {
    return Given.copy(elements);
  }

  @Override
  public Object getArray(@Nullable Map<String, Class<?>> types) throws SQLException {
    return getArray();
  }

  @Override
  public Object getArray(long index, int count) throws SQLException {
    throw partly();
  }

  @Override
  public Object getArray(long index, int count, @Nullable Map<String, Class<?>> types)
      throws SQLException {
    throw partly();
  }

  @Override
  public ResultSet getResultSet() throws SQLException {
    throw partly();
  }

  @Override
  public ResultSet getResultSet(@Nullable Map<String, Class<?>> types) throws SQLException {
    throw partly();
  }

  @Override
  public ResultSet getResultSet(long index, int count) throws SQLException {
    throw partly();
  }

  @Override
  public ResultSet getResultSet(long index, int count, @Nullable Map<String, Class<?>> types)
      throws SQLException {
    throw partly();
  }

  /** Nothing to free. */
  @Override
  public void free() {}

  private static SQLException partly() {
    return SqlFailures.notSupported("reading back an array that was made with createArrayOf");
  }
}
