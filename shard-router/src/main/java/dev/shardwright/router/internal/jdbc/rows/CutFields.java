package dev.shardwright.router.internal.jdbc.rows;

import com.google.common.io.ByteStreams;
import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;

/**
 * Rows whose texts and bytes are cut where they are longer than wanted, as the driver cuts its own.
 * The shards send them whole: they may be compared on the way. As thread-safe as the rows.
 */
public final class CutFields extends ForwardingResultSet {
  private final ResultSet rows;
  private final int most;

  /**
   * @param most how many characters or bytes a field may have
   */
  public CutFields(ResultSet rows, int most) {
    this.rows = rows;
    this.most = most;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  @Override
  public String getString(int column) throws SQLException {
    String whole = rows.getString(column);
    return whole == null || whole.length() <= most || !isCut(column)
        ? whole
        : whole.substring(0, most);
  }

  @Override
  public byte[] getBytes(int column) throws SQLException {
    byte[] whole = rows.getBytes(column);
    return whole == null || whole.length <= most || !isCut(column)
        ? whole
        : Arrays.copyOf(whole, most);
  }

  @Override
  public Object getObject(int column) throws SQLException {
    Object whole = rows.getObject(column);
    return whole instanceof String
        ? getString(column)
        : whole instanceof byte[] ? getBytes(column) : whole;
  }

  @Override
  public <T> T getObject(int column, Class<T> type) throws SQLException {
    T whole = rows.getObject(column, type);
    return whole instanceof String
        ? type.cast(getString(column))
        : whole instanceof byte[] ? type.cast(getBytes(column)) : whole;
  }

  @Override
  public InputStream getAsciiStream(int column) throws SQLException {
    return cut(column, rows.getAsciiStream(column));
  }

  @Override
  public InputStream getBinaryStream(int column) throws SQLException {
    return cut(column, rows.getBinaryStream(column));
  }

  private InputStream cut(int column, InputStream whole) throws SQLException {
    return whole == null || !isCut(column) ? whole : ByteStreams.limit(whole, most);
  }

  @Override
  public Reader getCharacterStream(int column) throws SQLException {
    Reader whole = rows.getCharacterStream(column);
    return whole == null || !isCut(column) ? whole : new StringReader(getString(column));
  }

  @Override
  public <T> T getObject(String label, Class<T> type) throws SQLException {
    return getObject(findColumn(label), type);
  }

  @Override
  public InputStream getAsciiStream(String label) throws SQLException {
    return getAsciiStream(findColumn(label));
  }

  @Override
  public InputStream getBinaryStream(String label) throws SQLException {
    return getBinaryStream(findColumn(label));
  }

  @Override
  public Reader getCharacterStream(String label) throws SQLException {
    return getCharacterStream(findColumn(label));
  }

  @Override
  public String getString(String label) throws SQLException {
    return getString(findColumn(label));
  }

  @Override
  public byte[] getBytes(String label) throws SQLException {
    return getBytes(findColumn(label));
  }

  @Override
  public Object getObject(String label) throws SQLException {
    return getObject(findColumn(label));
  }

  private boolean isCut(int column) throws SQLException {
    return switch (rows.getMetaData().getColumnType(column)) {
      case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR -> true;
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> true;
      default -> false;
    };
  }
}
