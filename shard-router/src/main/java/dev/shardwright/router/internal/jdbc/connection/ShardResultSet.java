package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.rows.DetachedColumns;
import dev.shardwright.router.internal.jdbc.rows.TypeNames;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.pool.BrokenOff;
import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one of our statements: the driver's, or those of a query over several shards. As
 * thread-safe as these.
 */
final class ShardResultSet extends ForwardingResultSet {
  private final ResultSet rows;
  private final ShardStatement owner;
  private final @Nullable Call call;
  private final @Nullable Statement open;
  private @Nullable ResultSetMetaData columns;

  /**
   * @param call what gave them; null if they have no columns
   * @param open the driver's statement that they come from; null if their connection may be in
   *     other hands
   */
  ShardResultSet(
      ResultSet rows, ShardStatement owner, @Nullable Call call, @Nullable Statement open) {
    this.rows = rows;
    this.owner = owner;
    this.call = call;
    this.open = open;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  @Override
  public boolean next() throws SQLException {
    try {
      return rows.next();
    } catch (Error e) {
      Statement fetched = open;
      if (fetched != null && isAttached()) {
        BrokenOff.close(fetched::getConnection, e);
      }
      throw e;
    }
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
    ResultSetMetaData ofDriver = rows.getMetaData(); // refused when closed
    ResultSetMetaData known = columns;
    if (known == null) {
      known = new DetachedColumns(ofDriver, this::isAttached, new TypeNames(this::typeNames));
      columns = known;
    }
    return known;
  }

  private String[] typeNames() throws SQLException {
    return call == null
        ? new String[0]
        : owner.connection.onShardOf(call.analysis(), call::typeNames);
  }

  /** Whether their connection is theirs still. */
  private boolean isAttached() {
    return open != null && owner.isOpen(open);
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
    if (!isAttached()) {
      throw SqlFailures.notSupported(
          "large objects outside a transaction: read them within one, or keep bytea and text");
    }
  }
}
