package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.scatter.fanout.Limits;
import dev.shardwright.router.internal.scatter.rows.DriverCursor;
import dev.shardwright.router.internal.scatter.rows.KeyColumn;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that were all read and brought into an order of their own. */
final class SortedRows implements DriverCursor {
  private final List<Row> rows;
  private int at = -1;

  private static final class Row {
    final ResultSet row;
    final @Nullable Object[] keys;

    Row(ResultSet row, @Nullable Object[] keys) {
      this.row = row;
      this.keys = keys;
    }
  }

  private SortedRows(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Reads all rows and sorts them.
   *
   * @param rows each of which has a result of its own
   * @param columns where the keys of the order are
   * @param limits what may be held
   */
  static SortedRows of(
      GroupCursor rows,
      List<KeyColumn> columns,
      Comparator<@Nullable Object[]> order,
      Limits limits)
      throws SQLException {
    List<Row> read = new ArrayList<>();
    while (rows.next()) {
      limits.add(PartialRows.read(rows.rows(), rows.width()));
      read.add(new Row(rows.rows(), KeyColumn.read(columns, rows.rows())));
    }
    read.sort((left, right) -> order.compare(left.keys, right.keys));
    return new SortedRows(read);
  }

  @Override
  public boolean next() {
    at++;
    return at < rows.size();
  }

  @Override
  public @Nullable Object[] keys() {
    return rows.get(at).keys;
  }

  @Override
  public ResultSet rows() {
    return rows.get(at).row;
  }
}
