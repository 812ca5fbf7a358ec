package dev.shardwright.router.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/**
 * The part of a prepared statement that takes the parameters: notes each as it is given, and for
 * whichever shard it will be. What comes as a stream is read at once, since it may go to several
 * shards, or be sent again.
 */
abstract class ParameterSetting extends ShardStatement implements PreparedStatement {
  final Arguments arguments;

  ParameterSetting(ShardConnection connection, StatementOptions options, int parameters) {
    super(connection, options);
    this.arguments = parameters == 0 ? Arguments.NONE : new Arguments(parameters);
  }

  private void set(int place, Argument argument) throws SQLException {
    checkOpen();
    arguments.set(place, argument);
  }

  private <T> void set(int place, @Nullable T value, Typed<T> binder) throws SQLException {
    set(place, new Argument(value, (to, at, ignored) -> binder.bind(to, at, value)));
  }

  /** One of the driver's methods for values of a type. */
  @FunctionalInterface
  private interface Typed<T> {
    void bind(PreparedStatement to, int at, @Nullable T value) throws SQLException;
  }

  @Override
  public void clearParameters() throws SQLException {
    checkOpen();
    arguments.clear();
  }

  @Override
  public void setNull(int place, int type) throws SQLException {
    set(place, new Argument(null, (to, at, ignored) -> to.setNull(at, type)));
  }

  @Override
  public void setNull(int place, int type, String typeName) throws SQLException {
    set(place, new Argument(null, (to, at, ignored) -> to.setNull(at, type, typeName)));
  }

  @Override
  public void setBoolean(int place, boolean value) throws SQLException {
    set(place, value, PreparedStatement::setBoolean);
  }

  @Override
  public void setByte(int place, byte value) throws SQLException {
    set(place, value, PreparedStatement::setByte);
  }

  @Override
  public void setShort(int place, short value) throws SQLException {
    set(place, value, PreparedStatement::setShort);
  }

  @Override
  public void setInt(int place, int value) throws SQLException {
    set(place, Argument.ofInt(value));
  }

  @Override
  public void setLong(int place, long value) throws SQLException {
    set(place, Argument.ofLong(value));
  }

  @Override
  public void setFloat(int place, float value) throws SQLException {
    set(place, value, PreparedStatement::setFloat);
  }

  @Override
  public void setDouble(int place, double value) throws SQLException {
    set(place, value, PreparedStatement::setDouble);
  }

  @Override
  public void setBigDecimal(int place, @Nullable BigDecimal value) throws SQLException {
    set(place, value, PreparedStatement::setBigDecimal);
  }

  @Override
  public void setString(int place, @Nullable String value) throws SQLException {
    set(place, Argument.ofString(value));
  }

  @Override
  public void setNString(int place, @Nullable String value) throws SQLException {
    setString(place, value);
  }

  @Override
  public void setBytes(int place, byte @Nullable [] value) throws SQLException {
    set(place, new Argument(value, (to, at, ignored) -> to.setBytes(at, value)));
  }

  @Override
  public void setDate(int place, @Nullable Date value) throws SQLException {
    set(place, value, PreparedStatement::setDate);
  }

  @Override
  public void setDate(int place, @Nullable Date value, @Nullable Calendar calendar)
      throws SQLException {
    set(place, value, (to, at, date) -> to.setDate(at, date, calendar));
  }

  @Override
  public void setTime(int place, @Nullable Time value) throws SQLException {
    set(place, value, PreparedStatement::setTime);
  }

  @Override
  public void setTime(int place, @Nullable Time value, @Nullable Calendar calendar)
      throws SQLException {
    set(place, value, (to, at, time) -> to.setTime(at, time, calendar));
  }

  @Override
  public void setTimestamp(int place, @Nullable Timestamp value) throws SQLException {
    set(place, value, PreparedStatement::setTimestamp);
  }

  @Override
  public void setTimestamp(int place, @Nullable Timestamp value, @Nullable Calendar calendar)
      throws SQLException {
    set(place, value, (to, at, time) -> to.setTimestamp(at, time, calendar));
  }

  @Override
  public void setObject(int place, @Nullable Object value) throws SQLException {
    set(place, Argument.ofObject(value));
  }

  @Override
  public void setObject(int place, @Nullable Object value, int type) throws SQLException {
    set(place, Argument.ofObject(value, type));
  }

  @Override
  public void setObject(int place, @Nullable Object value, int type, int scale)
      throws SQLException {
    set(place, Argument.ofObject(value, type, scale));
  }

  @Override
  public void setObject(int place, @Nullable Object value, SQLType type) throws SQLException {
    setObject(place, value, Argument.number(type));
  }

  @Override
  public void setObject(int place, @Nullable Object value, SQLType type, int scale)
      throws SQLException {
    setObject(place, value, Argument.number(type), scale);
  }

  @Override
  public void setArray(int place, @Nullable Array value) throws SQLException {
    set(place, Argument.ofArray(value));
  }

  @Override
  public void setSQLXML(int place, @Nullable SQLXML value) throws SQLException {
    set(place, value, PreparedStatement::setSQLXML);
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value) throws SQLException {
    setBytes(place, value == null ? null : bytes(value, Integer.MAX_VALUE));
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setBytes(place, value == null ? null : bytes(value, length));
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value, long length)
      throws SQLException {
    setBinaryStream(place, value, Math.toIntExact(length));
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value) throws SQLException {
    setAsciiStream(place, value, Integer.MAX_VALUE);
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setString(
        place, value == null ? null : new String(bytes(value, length), StandardCharsets.US_ASCII));
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value, long length)
      throws SQLException {
    setAsciiStream(place, value, Math.toIntExact(length));
  }

  /**
   * @deprecated as in JDBC
   */
  @Deprecated
  @Override
  public void setUnicodeStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setString(
        place, value == null ? null : new String(bytes(value, length), StandardCharsets.UTF_8));
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value) throws SQLException {
    setString(place, value == null ? null : text(value, Integer.MAX_VALUE));
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value, int length)
      throws SQLException {
    setString(place, value == null ? null : text(value, length));
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value, long length)
      throws SQLException {
    setCharacterStream(place, value, Math.toIntExact(length));
  }

  @Override
  public void setNCharacterStream(int place, @Nullable Reader value) throws SQLException {
    setCharacterStream(place, value);
  }

  @Override
  public void setNCharacterStream(int place, @Nullable Reader value, long length)
      throws SQLException {
    setCharacterStream(place, value, length);
  }

  @Override
  public void setBlob(int place, @Nullable Blob value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setBlob(int place, @Nullable InputStream value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setBlob(int place, @Nullable InputStream value, long length) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setClob(int place, @Nullable Clob value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setClob(int place, @Nullable Reader value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setClob(int place, @Nullable Reader value, long length) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setNClob(int place, @Nullable NClob value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setNClob(int place, @Nullable Reader value) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setNClob(int place, @Nullable Reader value, long length) throws SQLException {
    throw largeObject();
  }

  @Override
  public void setRef(int place, @Nullable Ref value) throws SQLException {
    throw SqlFailures.notSupported("parameters of type REF");
  }

  @Override
  public void setRowId(int place, @Nullable RowId value) throws SQLException {
    throw SqlFailures.notSupported("parameters of type ROWID");
  }

  @Override
  public void setURL(int place, @Nullable URL value) throws SQLException {
    throw SqlFailures.notSupported("parameters of type DATALINK: set the URL as a string");
  }

  private static SQLFeatureNotSupportedException largeObject() {
    return SqlFailures.notSupported(
        "large objects: they live on one shard; keep bytea (setBytes) and text (setString)");
  }

  private static byte[] bytes(InputStream stream, int length) throws SQLException {
    try {
      return stream.readNBytes(length);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static String text(Reader reader, int length) throws SQLException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[4096];
    try {
      while (text.length() < length) {
        int read = reader.read(buffer, 0, Math.min(buffer.length, length - text.length()));
        if (read < 0) {
          break;
        }
        text.append(buffer, 0, read);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return text.toString();
  }

  private static SQLException unreadable(IOException e) {
    return new SQLException(
        "the stream that was set as a parameter cannot be read: " + e.getMessage(),
        PSQLState.DATA_ERROR.getState(),
        e);
  }
}
