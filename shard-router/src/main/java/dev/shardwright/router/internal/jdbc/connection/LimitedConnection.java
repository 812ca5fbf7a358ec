package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.statement.GeneratedKeys;
import dev.shardwright.router.internal.jdbc.value.Given;
import dev.shardwright.router.internal.jdbc.value.ListedArray;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Struct;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a connection over shards says without any of them: short forms of longer methods, what is
 * kept and does nothing, and what is refused. As thread-safe as its subclass.
 */
abstract class LimitedConnection implements Connection {
  private Map<String, String> clientInfo = Map.of();
  private int holdability = ResultSet.CLOSE_CURSORS_AT_COMMIT;

  /**
   * @throws SQLException if the connection is closed
   */
  abstract void checkOpen() throws SQLException;

  // Short forms

  @Override
  public final Statement createStatement() throws SQLException {
    return createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
  }

  @Override
  public final Statement createStatement(int type, int concurrency) throws SQLException {
    return createStatement(type, concurrency, holdability);
  }

  @Override
  public final PreparedStatement prepareStatement(String sql) throws SQLException {
    return prepare(sql, GeneratedKeys.NONE);
  }

  @Override
  public final PreparedStatement prepareStatement(String sql, int keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public final PreparedStatement prepareStatement(String sql, int[] keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public final PreparedStatement prepareStatement(String sql, String[] keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public final PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    return prepareStatement(sql, type, concurrency, holdability);
  }

  @Override
  public final PreparedStatement prepareStatement(
      String sql, int type, int concurrency, int holdability) throws SQLException {
    return prepare(sql, GeneratedKeys.NONE, type, concurrency, holdability);
  }

  private PreparedStatement prepare(String sql, GeneratedKeys keys) throws SQLException {
    return prepare(sql, keys, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, holdability);
  }

  /** The long form of all the others. */
  abstract PreparedStatement prepare(
      String sql, GeneratedKeys keys, int type, int concurrency, int holdability)
      throws SQLException;

  // Kept without effect

  @Override
  public final void setHoldability(int holdability) throws SQLException {
    checkOpen();
    this.holdability = holdability;
  }

  @Override
  public final int getHoldability() throws SQLException {
    checkOpen();
    return holdability;
  }

  /** Kept for {@link #getClientInfo}; the sessions on the shards keep the router's name. */
  @Override
  public final void setClientInfo(String name, @Nullable String value)
      throws SQLClientInfoException {
    try {
      checkOpen();
    } catch (SQLException e) {
      throw new SQLClientInfoException(e.getMessage(), Map.of());
    }
    Map<String, String> changed = new HashMap<>(clientInfo);
    if (value == null) {
      changed.remove(name);
    } else {
      changed.put(name, value);
    }
    clientInfo = changed;
  }

  @Override
  public final void setClientInfo(Properties properties) throws SQLClientInfoException {
    clientInfo = Map.of();
    for (String name : properties.stringPropertyNames()) {
      setClientInfo(name, properties.getProperty(name));
    }
  }

  @Override
  public final @Nullable String getClientInfo(String name) throws SQLException {
    checkOpen();
    return clientInfo.get(name);
  }

  @Override
  public final Properties getClientInfo() throws SQLException {
    checkOpen();
    Properties properties = new Properties();
    properties.putAll(clientInfo);
    return properties;
  }

  /** Ignored: shards are databases with names of their own. */
  @Override
  public final void setCatalog(@Nullable String catalog) throws SQLException {
    checkOpen();
  }

  @Override
  public final @Nullable String getCatalog() throws SQLException {
    checkOpen();
    return null;
  }

  /** Warnings are those of statements. */
  @Override
  public final @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public final void clearWarnings() throws SQLException {
    checkOpen();
  }

  /** Escapes are translated when the statement is carried out. */
  @Override
  public final String nativeSQL(String sql) throws SQLException {
    checkOpen();
    return sql;
  }

  @Override
  public final Array createArrayOf(String typeName, Object @Nullable [] elements)
      throws SQLException {
    checkOpen();
    return new ListedArray(
        typeName,
        Given.copy(Objects.requireNonNull(elements, "the elements of the array are null")));
  }

  @Override
  public final Map<String, Class<?>> getTypeMap() throws SQLException {
    checkOpen();
    return Map.of();
  }

  // Refused

  @Override
  public final void setTypeMap(Map<String, Class<?>> types) throws SQLException {
    checkOpen();
    if (!types.isEmpty()) {
      throw SqlFailures.notSupported("type maps");
    }
  }

  @Override
  public final CallableStatement prepareCall(String sql) throws SQLException {
    throw noCalls();
  }

  @Override
  public final CallableStatement prepareCall(String sql, int type, int concurrency)
      throws SQLException {
    throw noCalls();
  }

  @Override
  public final CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    throw noCalls();
  }

  private static SQLException noCalls() {
    return SqlFailures.notSupported(
        "callable statements: call a function with select, a procedure with call, on a connection"
            + " that is bound to a sharding key");
  }

  @Override
  public final Struct createStruct(String typeName, Object[] attributes) throws SQLException {
    throw SqlFailures.notSupported("structs: set a composite value as text, with a cast");
  }

  @Override
  public final Blob createBlob() throws SQLException {
    throw noLargeObjects();
  }

  @Override
  public final Clob createClob() throws SQLException {
    throw noLargeObjects();
  }

  @Override
  public final NClob createNClob() throws SQLException {
    throw noLargeObjects();
  }

  private static SQLException noLargeObjects() {
    return SqlFailures.notSupported(
        "large objects: they live on one shard; keep bytea (setBytes) and text (setString)");
  }

  @Override
  public final SQLXML createSQLXML() throws SQLException {
    throw SqlFailures.notSupported("SQLXML: set XML as text, with a cast");
  }

  @Override
  public final <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw SqlFailures.notSupported(
        "a connection to all shards wraps no %s: a connection that is bound to a sharding key does"
            .formatted(type.getName()));
  }

  @Override
  public final boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
