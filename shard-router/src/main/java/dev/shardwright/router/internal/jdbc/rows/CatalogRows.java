package dev.shardwright.router.internal.jdbc.rows;

import dev.shardwright.router.internal.rows.ForwardingResultSet;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a catalog, which are in memory while their connection may be in other hands. As
 * thread-safe as the driver's.
 */
public final class CatalogRows extends ForwardingResultSet {
  private final ResultSet rows;
  private final TypeNames typeNames;

  public CatalogRows(ResultSet rows, TypeNames typeNames) {
    this.rows = rows;
    this.typeNames = typeNames;
  }

  @Override
  protected ResultSet rows() {
    return rows;
  }

  /** None of the caller's. */
  @Override
  public @Nullable Statement getStatement() throws SQLException {
    rows.getType(); // refused when closed
    return null;
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    return new DetachedColumns(rows.getMetaData(), () -> false, typeNames);
  }
}
