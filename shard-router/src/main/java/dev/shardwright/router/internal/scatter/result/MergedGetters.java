package dev.shardwright.router.internal.scatter.result;

import dev.shardwright.router.internal.rows.ForwardOnlyResultSet;
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
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;

/**
 * The getters of a result whose rows are rows of the shards' own results: each reads from the
 * current one, so that values come as the driver gives them. What is bound to a connection or to
 * one shard is refused.
 */
abstract class MergedGetters extends ForwardOnlyResultSet {
  /** The result that stands at the current row, if the caller may see that column of it. */
  abstract ResultSet at(int column) throws SQLException;

  private static SQLException refused(String getter) {
    return new SQLFeatureNotSupportedException(
        getter + " is not for the rows of several shards: read where the row lives, by its key",
        "0A000");
  }

  @Override
  public final String getString(int column) throws SQLException {
    return at(column).getString(column);
  }

  @Override
  public final boolean getBoolean(int column) throws SQLException {
    return at(column).getBoolean(column);
  }

  @Override
  public final byte getByte(int column) throws SQLException {
    return at(column).getByte(column);
  }

  @Override
  public final short getShort(int column) throws SQLException {
    return at(column).getShort(column);
  }

  @Override
  public final int getInt(int column) throws SQLException {
    return at(column).getInt(column);
  }

  @Override
  public final long getLong(int column) throws SQLException {
    return at(column).getLong(column);
  }

  @Override
  public final float getFloat(int column) throws SQLException {
    return at(column).getFloat(column);
  }

  @Override
  public final double getDouble(int column) throws SQLException {
    return at(column).getDouble(column);
  }

  @Override
  @Deprecated
  public final BigDecimal getBigDecimal(int column, int scale) throws SQLException {
    return at(column).getBigDecimal(column, scale);
  }

  @Override
  public final byte[] getBytes(int column) throws SQLException {
    return at(column).getBytes(column);
  }

  @Override
  public final Date getDate(int column) throws SQLException {
    return at(column).getDate(column);
  }

  @Override
  public final Time getTime(int column) throws SQLException {
    return at(column).getTime(column);
  }

  @Override
  public final Timestamp getTimestamp(int column) throws SQLException {
    return at(column).getTimestamp(column);
  }

  @Override
  public final InputStream getAsciiStream(int column) throws SQLException {
    return at(column).getAsciiStream(column);
  }

  @Override
  @Deprecated
  public final InputStream getUnicodeStream(int column) throws SQLException {
    return at(column).getUnicodeStream(column);
  }

  @Override
  public final InputStream getBinaryStream(int column) throws SQLException {
    return at(column).getBinaryStream(column);
  }

  @Override
  public final String getString(String label) throws SQLException {
    return getString(findColumn(label));
  }

  @Override
  public final boolean getBoolean(String label) throws SQLException {
    return getBoolean(findColumn(label));
  }

  @Override
  public final byte getByte(String label) throws SQLException {
    return getByte(findColumn(label));
  }

  @Override
  public final short getShort(String label) throws SQLException {
    return getShort(findColumn(label));
  }

  @Override
  public final int getInt(String label) throws SQLException {
    return getInt(findColumn(label));
  }

  @Override
  public final long getLong(String label) throws SQLException {
    return getLong(findColumn(label));
  }

  @Override
  public final float getFloat(String label) throws SQLException {
    return getFloat(findColumn(label));
  }

  @Override
  public final double getDouble(String label) throws SQLException {
    return getDouble(findColumn(label));
  }

  @Override
  @Deprecated
  public final BigDecimal getBigDecimal(String label, int scale) throws SQLException {
    return getBigDecimal(findColumn(label), scale);
  }

  @Override
  public final byte[] getBytes(String label) throws SQLException {
    return getBytes(findColumn(label));
  }

  @Override
  public final Date getDate(String label) throws SQLException {
    return getDate(findColumn(label));
  }

  @Override
  public final Time getTime(String label) throws SQLException {
    return getTime(findColumn(label));
  }

  @Override
  public final Timestamp getTimestamp(String label) throws SQLException {
    return getTimestamp(findColumn(label));
  }

  @Override
  public final InputStream getAsciiStream(String label) throws SQLException {
    return getAsciiStream(findColumn(label));
  }

  @Override
  @Deprecated
  public final InputStream getUnicodeStream(String label) throws SQLException {
    return getUnicodeStream(findColumn(label));
  }

  @Override
  public final InputStream getBinaryStream(String label) throws SQLException {
    return getBinaryStream(findColumn(label));
  }

  @Override
  public final Object getObject(int column) throws SQLException {
    return at(column).getObject(column);
  }

  @Override
  public final Object getObject(String label) throws SQLException {
    return getObject(findColumn(label));
  }

  @Override
  public final Reader getCharacterStream(int column) throws SQLException {
    return at(column).getCharacterStream(column);
  }

  @Override
  public final Reader getCharacterStream(String label) throws SQLException {
    return getCharacterStream(findColumn(label));
  }

  @Override
  public final BigDecimal getBigDecimal(int column) throws SQLException {
    return at(column).getBigDecimal(column);
  }

  @Override
  public final BigDecimal getBigDecimal(String label) throws SQLException {
    return getBigDecimal(findColumn(label));
  }

  @Override
  public final Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
    return at(column).getObject(column, types);
  }

  @Override
  public final Ref getRef(int column) throws SQLException {
    throw refused("getRef");
  }

  @Override
  public final Blob getBlob(int column) throws SQLException {
    throw refused("getBlob");
  }

  @Override
  public final Clob getClob(int column) throws SQLException {
    throw refused("getClob");
  }

  @Override
  public final Array getArray(int column) throws SQLException {
    return at(column).getArray(column);
  }

  @Override
  public final Object getObject(String label, Map<String, Class<?>> types) throws SQLException {
    return getObject(findColumn(label), types);
  }

  @Override
  public final Ref getRef(String label) throws SQLException {
    throw refused("getRef");
  }

  @Override
  public final Blob getBlob(String label) throws SQLException {
    throw refused("getBlob");
  }

  @Override
  public final Clob getClob(String label) throws SQLException {
    throw refused("getClob");
  }

  @Override
  public final Array getArray(String label) throws SQLException {
    return getArray(findColumn(label));
  }

  @Override
  public final Date getDate(int column, Calendar calendar) throws SQLException {
    return at(column).getDate(column, calendar);
  }

  @Override
  public final Date getDate(String label, Calendar calendar) throws SQLException {
    return getDate(findColumn(label), calendar);
  }

  @Override
  public final Time getTime(int column, Calendar calendar) throws SQLException {
    return at(column).getTime(column, calendar);
  }

  @Override
  public final Time getTime(String label, Calendar calendar) throws SQLException {
    return getTime(findColumn(label), calendar);
  }

  @Override
  public final Timestamp getTimestamp(int column, Calendar calendar) throws SQLException {
    return at(column).getTimestamp(column, calendar);
  }

  @Override
  public final Timestamp getTimestamp(String label, Calendar calendar) throws SQLException {
    return getTimestamp(findColumn(label), calendar);
  }

  @Override
  public final URL getURL(int column) throws SQLException {
    return at(column).getURL(column);
  }

  @Override
  public final URL getURL(String label) throws SQLException {
    return getURL(findColumn(label));
  }

  @Override
  public final RowId getRowId(int column) throws SQLException {
    throw refused("getRowId");
  }

  @Override
  public final RowId getRowId(String label) throws SQLException {
    throw refused("getRowId");
  }

  @Override
  public final NClob getNClob(int column) throws SQLException {
    throw refused("getNClob");
  }

  @Override
  public final NClob getNClob(String label) throws SQLException {
    throw refused("getNClob");
  }

  @Override
  public final SQLXML getSQLXML(int column) throws SQLException {
    return at(column).getSQLXML(column);
  }

  @Override
  public final SQLXML getSQLXML(String label) throws SQLException {
    return getSQLXML(findColumn(label));
  }

  @Override
  public final String getNString(int column) throws SQLException {
    return at(column).getNString(column);
  }

  @Override
  public final String getNString(String label) throws SQLException {
    return getNString(findColumn(label));
  }

  @Override
  public final Reader getNCharacterStream(int column) throws SQLException {
    return at(column).getNCharacterStream(column);
  }

  @Override
  public final Reader getNCharacterStream(String label) throws SQLException {
    return getNCharacterStream(findColumn(label));
  }

  @Override
  public final <T> T getObject(int column, Class<T> type) throws SQLException {
    return at(column).getObject(column, type);
  }

  @Override
  public final <T> T getObject(String label, Class<T> type) throws SQLException {
    return getObject(findColumn(label), type);
  }
}
