package dev.shardwright.router.internal.rows;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result set that passes every call on to another. Nothing but delegation; subclasses say what is
 * different. As thread-safe as the other.
 */
public abstract class ForwardingResultSet implements ResultSet {
  /** The result set that answers the next call. */
  protected abstract ResultSet rows() throws SQLException;

  /** The same for calls that change rows. */
  protected ResultSet changed() throws SQLException {
    return rows();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(this) ? type.cast(this) : rows().unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || rows().isWrapperFor(type);
  }

  @Override
  public boolean next() throws SQLException {
    return rows().next();
  }

  @Override
  public void close() throws SQLException {
    rows().close();
  }

  @Override
  public boolean wasNull() throws SQLException {
    return rows().wasNull();
  }

  @Override
  public String getString(int column) throws SQLException {
    return rows().getString(column);
  }

  @Override
  public boolean getBoolean(int column) throws SQLException {
    return rows().getBoolean(column);
  }

  @Override
  public byte getByte(int column) throws SQLException {
    return rows().getByte(column);
  }

  @Override
  public short getShort(int column) throws SQLException {
    return rows().getShort(column);
  }

  @Override
  public int getInt(int column) throws SQLException {
    return rows().getInt(column);
  }

  @Override
  public long getLong(int column) throws SQLException {
    return rows().getLong(column);
  }

  @Override
  public float getFloat(int column) throws SQLException {
    return rows().getFloat(column);
  }

  @Override
  public double getDouble(int column) throws SQLException {
    return rows().getDouble(column);
  }

  @Deprecated
  @Override
  public BigDecimal getBigDecimal(int column, int scale) throws SQLException {
    return rows().getBigDecimal(column, scale);
  }

  @Override
  public byte[] getBytes(int column) throws SQLException {
    return rows().getBytes(column);
  }

  @Override
  public Date getDate(int column) throws SQLException {
    return rows().getDate(column);
  }

  @Override
  public Time getTime(int column) throws SQLException {
    return rows().getTime(column);
  }

  @Override
  public Timestamp getTimestamp(int column) throws SQLException {
    return rows().getTimestamp(column);
  }

  @Override
  public InputStream getAsciiStream(int column) throws SQLException {
    return rows().getAsciiStream(column);
  }

  @Deprecated
  @Override
  public InputStream getUnicodeStream(int column) throws SQLException {
    return rows().getUnicodeStream(column);
  }

  @Override
  public InputStream getBinaryStream(int column) throws SQLException {
    return rows().getBinaryStream(column);
  }

  @Override
  public String getString(String label) throws SQLException {
    return rows().getString(label);
  }

  @Override
  public boolean getBoolean(String label) throws SQLException {
    return rows().getBoolean(label);
  }

  @Override
  public byte getByte(String label) throws SQLException {
    return rows().getByte(label);
  }

  @Override
  public short getShort(String label) throws SQLException {
    return rows().getShort(label);
  }

  @Override
  public int getInt(String label) throws SQLException {
    return rows().getInt(label);
  }

  @Override
  public long getLong(String label) throws SQLException {
    return rows().getLong(label);
  }

  @Override
  public float getFloat(String label) throws SQLException {
    return rows().getFloat(label);
  }

  @Override
  public double getDouble(String label) throws SQLException {
    return rows().getDouble(label);
  }

  @Deprecated
  @Override
  public BigDecimal getBigDecimal(String label, int scale) throws SQLException {
    return rows().getBigDecimal(label, scale);
  }

  @Override
  public byte[] getBytes(String label) throws SQLException {
    return rows().getBytes(label);
  }

  @Override
  public Date getDate(String label) throws SQLException {
    return rows().getDate(label);
  }

  @Override
  public Time getTime(String label) throws SQLException {
    return rows().getTime(label);
  }

  @Override
  public Timestamp getTimestamp(String label) throws SQLException {
    return rows().getTimestamp(label);
  }

  @Override
  public InputStream getAsciiStream(String label) throws SQLException {
    return rows().getAsciiStream(label);
  }

  @Deprecated
  @Override
  public InputStream getUnicodeStream(String label) throws SQLException {
    return rows().getUnicodeStream(label);
  }

  @Override
  public InputStream getBinaryStream(String label) throws SQLException {
    return rows().getBinaryStream(label);
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    return rows().getWarnings();
  }

  @Override
  public void clearWarnings() throws SQLException {
    rows().clearWarnings();
  }

  @Override
  public @Nullable String getCursorName() throws SQLException {
    return rows().getCursorName();
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    return rows().getMetaData();
  }

  @Override
  public Object getObject(int column) throws SQLException {
    return rows().getObject(column);
  }

  @Override
  public Object getObject(String label) throws SQLException {
    return rows().getObject(label);
  }

  @Override
  public int findColumn(String label) throws SQLException {
    return rows().findColumn(label);
  }

  @Override
  public Reader getCharacterStream(int column) throws SQLException {
    return rows().getCharacterStream(column);
  }

  @Override
  public Reader getCharacterStream(String label) throws SQLException {
    return rows().getCharacterStream(label);
  }

  @Override
  public BigDecimal getBigDecimal(int column) throws SQLException {
    return rows().getBigDecimal(column);
  }

  @Override
  public BigDecimal getBigDecimal(String label) throws SQLException {
    return rows().getBigDecimal(label);
  }

  @Override
  public boolean isBeforeFirst() throws SQLException {
    return rows().isBeforeFirst();
  }

  @Override
  public boolean isAfterLast() throws SQLException {
    return rows().isAfterLast();
  }

  @Override
  public boolean isFirst() throws SQLException {
    return rows().isFirst();
  }

  @Override
  public boolean isLast() throws SQLException {
    return rows().isLast();
  }

  @Override
  public void beforeFirst() throws SQLException {
    rows().beforeFirst();
  }

  @Override
  public void afterLast() throws SQLException {
    rows().afterLast();
  }

  @Override
  public boolean first() throws SQLException {
    return rows().first();
  }

  @Override
  public boolean last() throws SQLException {
    return rows().last();
  }

  @Override
  public int getRow() throws SQLException {
    return rows().getRow();
  }

  @Override
  public boolean absolute(int row) throws SQLException {
    return rows().absolute(row);
  }

  @Override
  public boolean relative(int rows) throws SQLException {
    return rows().relative(rows);
  }

  @Override
  public boolean previous() throws SQLException {
    return rows().previous();
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    rows().setFetchDirection(direction);
  }

  @Override
  public int getFetchDirection() throws SQLException {
    return rows().getFetchDirection();
  }

  @Override
  public void setFetchSize(int rows) throws SQLException {
    rows().setFetchSize(rows);
  }

  @Override
  public int getFetchSize() throws SQLException {
    return rows().getFetchSize();
  }

  @Override
  public int getType() throws SQLException {
    return rows().getType();
  }

  @Override
  public int getConcurrency() throws SQLException {
    return rows().getConcurrency();
  }

  @Override
  public boolean rowUpdated() throws SQLException {
    return rows().rowUpdated();
  }

  @Override
  public boolean rowInserted() throws SQLException {
    return rows().rowInserted();
  }

  @Override
  public boolean rowDeleted() throws SQLException {
    return rows().rowDeleted();
  }

  @Override
  public void updateNull(int column) throws SQLException {
    changed().updateNull(column);
  }

  @Override
  public void updateBoolean(int column, boolean value) throws SQLException {
    changed().updateBoolean(column, value);
  }

  @Override
  public void updateByte(int column, byte value) throws SQLException {
    changed().updateByte(column, value);
  }

  @Override
  public void updateShort(int column, short value) throws SQLException {
    changed().updateShort(column, value);
  }

  @Override
  public void updateInt(int column, int value) throws SQLException {
    changed().updateInt(column, value);
  }

  @Override
  public void updateLong(int column, long value) throws SQLException {
    changed().updateLong(column, value);
  }

  @Override
  public void updateFloat(int column, float value) throws SQLException {
    changed().updateFloat(column, value);
  }

  @Override
  public void updateDouble(int column, double value) throws SQLException {
    changed().updateDouble(column, value);
  }

  @Override
  public void updateBigDecimal(int column, BigDecimal value) throws SQLException {
    changed().updateBigDecimal(column, value);
  }

  @Override
  public void updateString(int column, String value) throws SQLException {
    changed().updateString(column, value);
  }

  @Override
  public void updateBytes(int column, byte[] value) throws SQLException {
    changed().updateBytes(column, value);
  }

  @Override
  public void updateDate(int column, Date value) throws SQLException {
    changed().updateDate(column, value);
  }

  @Override
  public void updateTime(int column, Time value) throws SQLException {
    changed().updateTime(column, value);
  }

  @Override
  public void updateTimestamp(int column, Timestamp value) throws SQLException {
    changed().updateTimestamp(column, value);
  }

  @Override
  public void updateAsciiStream(int column, InputStream value, int length) throws SQLException {
    changed().updateAsciiStream(column, value, length);
  }

  @Override
  public void updateBinaryStream(int column, InputStream value, int length) throws SQLException {
    changed().updateBinaryStream(column, value, length);
  }

  @Override
  public void updateCharacterStream(int column, Reader value, int length) throws SQLException {
    changed().updateCharacterStream(column, value, length);
  }

  @Override
  public void updateObject(int column, Object value, int scaleOrLength) throws SQLException {
    changed().updateObject(column, value, scaleOrLength);
  }

  @Override
  public void updateObject(int column, Object value) throws SQLException {
    changed().updateObject(column, value);
  }

  @Override
  public void updateNull(String label) throws SQLException {
    changed().updateNull(label);
  }

  @Override
  public void updateBoolean(String label, boolean value) throws SQLException {
    changed().updateBoolean(label, value);
  }

  @Override
  public void updateByte(String label, byte value) throws SQLException {
    changed().updateByte(label, value);
  }

  @Override
  public void updateShort(String label, short value) throws SQLException {
    changed().updateShort(label, value);
  }

  @Override
  public void updateInt(String label, int value) throws SQLException {
    changed().updateInt(label, value);
  }

  @Override
  public void updateLong(String label, long value) throws SQLException {
    changed().updateLong(label, value);
  }

  @Override
  public void updateFloat(String label, float value) throws SQLException {
    changed().updateFloat(label, value);
  }

  @Override
  public void updateDouble(String label, double value) throws SQLException {
    changed().updateDouble(label, value);
  }

  @Override
  public void updateBigDecimal(String label, BigDecimal value) throws SQLException {
    changed().updateBigDecimal(label, value);
  }

  @Override
  public void updateString(String label, String value) throws SQLException {
    changed().updateString(label, value);
  }

  @Override
  public void updateBytes(String label, byte[] value) throws SQLException {
    changed().updateBytes(label, value);
  }

  @Override
  public void updateDate(String label, Date value) throws SQLException {
    changed().updateDate(label, value);
  }

  @Override
  public void updateTime(String label, Time value) throws SQLException {
    changed().updateTime(label, value);
  }

  @Override
  public void updateTimestamp(String label, Timestamp value) throws SQLException {
    changed().updateTimestamp(label, value);
  }

  @Override
  public void updateAsciiStream(String label, InputStream value, int length) throws SQLException {
    changed().updateAsciiStream(label, value, length);
  }

  @Override
  public void updateBinaryStream(String label, InputStream value, int length) throws SQLException {
    changed().updateBinaryStream(label, value, length);
  }

  @Override
  public void updateCharacterStream(String label, Reader value, int length) throws SQLException {
    changed().updateCharacterStream(label, value, length);
  }

  @Override
  public void updateObject(String label, Object value, int scaleOrLength) throws SQLException {
    changed().updateObject(label, value, scaleOrLength);
  }

  @Override
  public void updateObject(String label, Object value) throws SQLException {
    changed().updateObject(label, value);
  }

  @Override
  public void insertRow() throws SQLException {
    changed().insertRow();
  }

  @Override
  public void updateRow() throws SQLException {
    changed().updateRow();
  }

  @Override
  public void deleteRow() throws SQLException {
    changed().deleteRow();
  }

  @Override
  public void refreshRow() throws SQLException {
    changed().refreshRow();
  }

  @Override
  public void cancelRowUpdates() throws SQLException {
    changed().cancelRowUpdates();
  }

  @Override
  public void moveToInsertRow() throws SQLException {
    changed().moveToInsertRow();
  }

  @Override
  public void moveToCurrentRow() throws SQLException {
    changed().moveToCurrentRow();
  }

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    return rows().getStatement();
  }

  @Override
  public Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
    return rows().getObject(column, types);
  }

  @Override
  public Ref getRef(int column) throws SQLException {
    return rows().getRef(column);
  }

  @Override
  public Blob getBlob(int column) throws SQLException {
    return rows().getBlob(column);
  }

  @Override
  public Clob getClob(int column) throws SQLException {
    return rows().getClob(column);
  }

  @Override
  public Array getArray(int column) throws SQLException {
    return rows().getArray(column);
  }

  @Override
  public Object getObject(String label, Map<String, Class<?>> types) throws SQLException {
    return rows().getObject(label, types);
  }

  @Override
  public Ref getRef(String label) throws SQLException {
    return rows().getRef(label);
  }

  @Override
  public Blob getBlob(String label) throws SQLException {
    return rows().getBlob(label);
  }

  @Override
  public Clob getClob(String label) throws SQLException {
    return rows().getClob(label);
  }

  @Override
  public Array getArray(String label) throws SQLException {
    return rows().getArray(label);
  }

  @Override
  public Date getDate(int column, Calendar calendar) throws SQLException {
    return rows().getDate(column, calendar);
  }

  @Override
  public Date getDate(String label, Calendar calendar) throws SQLException {
    return rows().getDate(label, calendar);
  }

  @Override
  public Time getTime(int column, Calendar calendar) throws SQLException {
    return rows().getTime(column, calendar);
  }

  @Override
  public Time getTime(String label, Calendar calendar) throws SQLException {
    return rows().getTime(label, calendar);
  }

  @Override
  public Timestamp getTimestamp(int column, Calendar calendar) throws SQLException {
    return rows().getTimestamp(column, calendar);
  }

  @Override
  public Timestamp getTimestamp(String label, Calendar calendar) throws SQLException {
    return rows().getTimestamp(label, calendar);
  }

  @Override
  public URL getURL(int column) throws SQLException {
    return rows().getURL(column);
  }

  @Override
  public URL getURL(String label) throws SQLException {
    return rows().getURL(label);
  }

  @Override
  public void updateRef(int column, Ref value) throws SQLException {
    changed().updateRef(column, value);
  }

  @Override
  public void updateRef(String label, Ref value) throws SQLException {
    changed().updateRef(label, value);
  }

  @Override
  public void updateBlob(int column, Blob value) throws SQLException {
    changed().updateBlob(column, value);
  }

  @Override
  public void updateBlob(String label, Blob value) throws SQLException {
    changed().updateBlob(label, value);
  }

  @Override
  public void updateClob(int column, Clob value) throws SQLException {
    changed().updateClob(column, value);
  }

  @Override
  public void updateClob(String label, Clob value) throws SQLException {
    changed().updateClob(label, value);
  }

  @Override
  public void updateArray(int column, Array value) throws SQLException {
    changed().updateArray(column, value);
  }

  @Override
  public void updateArray(String label, Array value) throws SQLException {
    changed().updateArray(label, value);
  }

  @Override
  public RowId getRowId(int column) throws SQLException {
    return rows().getRowId(column);
  }

  @Override
  public RowId getRowId(String label) throws SQLException {
    return rows().getRowId(label);
  }

  @Override
  public void updateRowId(int column, RowId value) throws SQLException {
    changed().updateRowId(column, value);
  }

  @Override
  public void updateRowId(String label, RowId value) throws SQLException {
    changed().updateRowId(label, value);
  }

  @Override
  public int getHoldability() throws SQLException {
    return rows().getHoldability();
  }

  @Override
  public boolean isClosed() throws SQLException {
    return rows().isClosed();
  }

  @Override
  public void updateNString(int column, String value) throws SQLException {
    changed().updateNString(column, value);
  }

  @Override
  public void updateNString(String label, String value) throws SQLException {
    changed().updateNString(label, value);
  }

  @Override
  public void updateNClob(int column, NClob value) throws SQLException {
    changed().updateNClob(column, value);
  }

  @Override
  public void updateNClob(String label, NClob value) throws SQLException {
    changed().updateNClob(label, value);
  }

  @Override
  public NClob getNClob(int column) throws SQLException {
    return rows().getNClob(column);
  }

  @Override
  public NClob getNClob(String label) throws SQLException {
    return rows().getNClob(label);
  }

  @Override
  public SQLXML getSQLXML(int column) throws SQLException {
    return rows().getSQLXML(column);
  }

  @Override
  public SQLXML getSQLXML(String label) throws SQLException {
    return rows().getSQLXML(label);
  }

  @Override
  public void updateSQLXML(int column, SQLXML value) throws SQLException {
    changed().updateSQLXML(column, value);
  }

  @Override
  public void updateSQLXML(String label, SQLXML value) throws SQLException {
    changed().updateSQLXML(label, value);
  }

  @Override
  public String getNString(int column) throws SQLException {
    return rows().getNString(column);
  }

  @Override
  public String getNString(String label) throws SQLException {
    return rows().getNString(label);
  }

  @Override
  public Reader getNCharacterStream(int column) throws SQLException {
    return rows().getNCharacterStream(column);
  }

  @Override
  public Reader getNCharacterStream(String label) throws SQLException {
    return rows().getNCharacterStream(label);
  }

  @Override
  public void updateNCharacterStream(int column, Reader value, long length) throws SQLException {
    changed().updateNCharacterStream(column, value, length);
  }

  @Override
  public void updateNCharacterStream(String label, Reader value, long length) throws SQLException {
    changed().updateNCharacterStream(label, value, length);
  }

  @Override
  public void updateAsciiStream(int column, InputStream value, long length) throws SQLException {
    changed().updateAsciiStream(column, value, length);
  }

  @Override
  public void updateBinaryStream(int column, InputStream value, long length) throws SQLException {
    changed().updateBinaryStream(column, value, length);
  }

  @Override
  public void updateCharacterStream(int column, Reader value, long length) throws SQLException {
    changed().updateCharacterStream(column, value, length);
  }

  @Override
  public void updateAsciiStream(String label, InputStream value, long length) throws SQLException {
    changed().updateAsciiStream(label, value, length);
  }

  @Override
  public void updateBinaryStream(String label, InputStream value, long length) throws SQLException {
    changed().updateBinaryStream(label, value, length);
  }

  @Override
  public void updateCharacterStream(String label, Reader value, long length) throws SQLException {
    changed().updateCharacterStream(label, value, length);
  }

  @Override
  public void updateBlob(int column, InputStream value, long length) throws SQLException {
    changed().updateBlob(column, value, length);
  }

  @Override
  public void updateBlob(String label, InputStream value, long length) throws SQLException {
    changed().updateBlob(label, value, length);
  }

  @Override
  public void updateClob(int column, Reader value, long length) throws SQLException {
    changed().updateClob(column, value, length);
  }

  @Override
  public void updateClob(String label, Reader value, long length) throws SQLException {
    changed().updateClob(label, value, length);
  }

  @Override
  public void updateNClob(int column, Reader value, long length) throws SQLException {
    changed().updateNClob(column, value, length);
  }

  @Override
  public void updateNClob(String label, Reader value, long length) throws SQLException {
    changed().updateNClob(label, value, length);
  }

  @Override
  public void updateNCharacterStream(int column, Reader value) throws SQLException {
    changed().updateNCharacterStream(column, value);
  }

  @Override
  public void updateNCharacterStream(String label, Reader value) throws SQLException {
    changed().updateNCharacterStream(label, value);
  }

  @Override
  public void updateAsciiStream(int column, InputStream value) throws SQLException {
    changed().updateAsciiStream(column, value);
  }

  @Override
  public void updateBinaryStream(int column, InputStream value) throws SQLException {
    changed().updateBinaryStream(column, value);
  }

  @Override
  public void updateCharacterStream(int column, Reader value) throws SQLException {
    changed().updateCharacterStream(column, value);
  }

  @Override
  public void updateAsciiStream(String label, InputStream value) throws SQLException {
    changed().updateAsciiStream(label, value);
  }

  @Override
  public void updateBinaryStream(String label, InputStream value) throws SQLException {
    changed().updateBinaryStream(label, value);
  }

  @Override
  public void updateCharacterStream(String label, Reader value) throws SQLException {
    changed().updateCharacterStream(label, value);
  }

  @Override
  public void updateBlob(int column, InputStream value) throws SQLException {
    changed().updateBlob(column, value);
  }

  @Override
  public void updateBlob(String label, InputStream value) throws SQLException {
    changed().updateBlob(label, value);
  }

  @Override
  public void updateClob(int column, Reader value) throws SQLException {
    changed().updateClob(column, value);
  }

  @Override
  public void updateClob(String label, Reader value) throws SQLException {
    changed().updateClob(label, value);
  }

  @Override
  public void updateNClob(int column, Reader value) throws SQLException {
    changed().updateNClob(column, value);
  }

  @Override
  public void updateNClob(String label, Reader value) throws SQLException {
    changed().updateNClob(label, value);
  }

  @Override
  public <T> T getObject(int column, Class<T> type) throws SQLException {
    return rows().getObject(column, type);
  }

  @Override
  public <T> T getObject(String label, Class<T> type) throws SQLException {
    return rows().getObject(label, type);
  }

  @Override
  public void updateObject(int column, Object value, SQLType type, int scaleOrLength)
      throws SQLException {
    changed().updateObject(column, value, type, scaleOrLength);
  }

  @Override
  public void updateObject(String label, Object value, SQLType type, int scaleOrLength)
      throws SQLException {
    changed().updateObject(label, value, type, scaleOrLength);
  }

  @Override
  public void updateObject(int column, Object value, SQLType type) throws SQLException {
    changed().updateObject(column, value, type);
  }

  @Override
  public void updateObject(String label, Object value, SQLType type) throws SQLException {
    changed().updateObject(label, value, type);
  }
}
