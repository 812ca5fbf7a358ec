package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The rows of one of our statements: the driver's, or those of a query over several shards. As
 * thread-safe as these.
 */
final class ShardResultSet extends ForwardingResultSet {
  private final ResultSet rows;
  private final ShardStatement owner;

  ShardResultSet(ResultSet rows, ShardStatement owner) {
    this.rows = rows;
    this.owner = owner;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  @Override
  public void close() throws SQLException {
    rows.close();
    owner.closedRows();
  }

  @Override
  public Statement getStatement() throws SQLException {
    rows.getType(); // refused when closed
    return owner;
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    return owner.isDetached() ? new DetachedColumns(columns) : columns;
  }

  @Override
  public Blob getBlob(int column) throws SQLException {
    checkAttached();
    return rows.getBlob(column);
  }

  @Override
  public Blob getBlob(String label) throws SQLException {
    checkAttached();
    return rows.getBlob(label);
  }

  @Override
  public Clob getClob(int column) throws SQLException {
    checkAttached();
    return rows.getClob(column);
  }

  @Override
  public Clob getClob(String label) throws SQLException {
    checkAttached();
    return rows.getClob(label);
  }

  private void checkAttached() throws SQLException {
    if (owner.isDetached()) {
      throw SqlFailures.notSupported(
          "large objects outside a transaction: read them within one, or keep bytea and text");
    }
  }
}
