package dev.shardwright.router.internal.scatter.rows;

import dev.shardwright.router.internal.merge.RowCursor;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Rows that are read through results of the driver. */
public interface DriverCursor extends RowCursor<SQLException> {
  /** The result that stands at the current row. */
  ResultSet rows();
}
