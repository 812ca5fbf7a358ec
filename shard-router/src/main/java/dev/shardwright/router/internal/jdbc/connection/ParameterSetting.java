package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.jdbc.value.Argument;
import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.jdbc.value.Given;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.Charset;
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
import java.sql.Types;
import java.util.Calendar;
import org.jspecify.annotations.Nullable;

/**
 * The part of a prepared statement that takes the parameters: notes each as it is given, and for
 * whichever shard it will be. Later changes to an object that was given are not seen.
 */
abstract class ParameterSetting extends ShardStatement implements PreparedStatement {
  private Arguments arguments;

  /** Whether somebody keeps the parameters as they are now. */
  private boolean kept;

  ParameterSetting(ShardConnection connection, StatementOptions options, int parameters) {
    super(connection, options);
    this.arguments = parameters == 0 ? Arguments.NONE : new Arguments(parameters);
  }

  /** The parameters, for something to be carried out: what is set later does not change them. */
  final Arguments arguments() {
    kept = true;
    return arguments;
  }

  private Arguments changeable() {
    if (kept) {
      arguments = arguments.copy();
      kept = false;
    }
    return arguments;
  }

  private void set(int place, Argument argument) throws SQLException {
    checkOpen();
    changeable().set(place, argument);
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
    changeable().clear();
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
    ownBytes(place, copy(value));
  }

  /**
   * @param value nobody else has it
   */
  private void ownBytes(int place, byte @Nullable [] value) throws SQLException {
    set(place, new Argument(value, (to, at, ignored) -> to.setBytes(at, value)));
  }

  private static <T> @Nullable T copy(@Nullable T value) throws SQLException {
    return value == null ? null : Given.copy(value);
  }

  @Override
  public void setDate(int place, @Nullable Date value) throws SQLException {
    set(place, copy(value), PreparedStatement::setDate);
  }

  @Override
  public void setDate(int place, @Nullable Date value, @Nullable Calendar calendar)
      throws SQLException {
    Calendar zone = copy(calendar);
    set(place, copy(value), (to, at, date) -> to.setDate(at, date, zone));
  }

  @Override
  public void setTime(int place, @Nullable Time value) throws SQLException {
    set(place, copy(value), PreparedStatement::setTime);
  }

  @Override
  public void setTime(int place, @Nullable Time value, @Nullable Calendar calendar)
      throws SQLException {
    Calendar zone = copy(calendar);
    set(place, copy(value), (to, at, time) -> to.setTime(at, time, zone));
  }

  @Override
  public void setTimestamp(int place, @Nullable Timestamp value) throws SQLException {
    set(place, copy(value), PreparedStatement::setTimestamp);
  }

  @Override
  public void setTimestamp(int place, @Nullable Timestamp value, @Nullable Calendar calendar)
      throws SQLException {
    Calendar zone = copy(calendar);
    set(place, copy(value), (to, at, time) -> to.setTimestamp(at, time, zone));
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
    String text = value == null ? null : value.getString();
    set(place, text, (to, at, xml) -> to.setObject(at, xml, Types.SQLXML));
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value) throws SQLException {
    ownBytes(place, value == null ? null : Given.bytes(value));
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setBinaryStream(place, value, (long) length);
  }

  @Override
  public void setBinaryStream(int place, @Nullable InputStream value, long length)
      throws SQLException {
    ownBytes(place, value == null ? null : Given.exactly(value, length));
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value) throws SQLException {
    setAsciiStream(place, value, Integer.MAX_VALUE);
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setAsciiStream(place, value, (long) length);
  }

  @Override
  public void setAsciiStream(int place, @Nullable InputStream value, long length)
      throws SQLException {
    setText(place, value, length, StandardCharsets.US_ASCII);
  }

  /**
   * @deprecated as in JDBC
   */
  @Deprecated
  @Override
  public void setUnicodeStream(int place, @Nullable InputStream value, int length)
      throws SQLException {
    setText(place, value, length, StandardCharsets.UTF_8);
  }

  private void setText(int place, @Nullable InputStream value, long length, Charset charset)
      throws SQLException {
    setString(place, value == null ? null : new String(Given.bytes(value, length), charset));
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value) throws SQLException {
    setString(place, value == null ? null : Given.text(value));
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value, int length)
      throws SQLException {
    setCharacterStream(place, value, (long) length);
  }

  @Override
  public void setCharacterStream(int place, @Nullable Reader value, long length)
      throws SQLException {
    setString(place, value == null ? null : Given.text(value, length));
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
}
