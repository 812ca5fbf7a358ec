package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;

/**
 * Rows whose texts and bytes are cut where they are longer than wanted, as the driver cuts its own.
 * The shards send them whole: they may be compared on the way. As thread-safe as the rows.
 */
final class CutFields extends ForwardingResultSet {
  private final ResultSet rows;
  private final int most;

  /**
   * @param most how many characters or bytes a field may have
   */
  CutFields(ResultSet rows, int most) {
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
