package dev.shardwright.router.internal.jdbc.rows;

import dev.shardwright.router.internal.rows.ForwardOnlyResultSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that several shards gave back for a write, in the order in which the caller wrote them
 * down as far as that is known, then the others. Forward only. Used by one thread.
 */
public final class RowsInOrder extends ForwardOnlyResultSet {
  /** For each row, the result that has it next. */
  private final List<ResultSet> order;

  private final List<ResultSet> all;
  private final long most;
  private ResultSet current;
  private int ordered;
  private int drained;
  private int row;
  private boolean over;

  /**
   * @param order whose rows come next, one for each row; may name results that turn out to have
   *     fewer
   * @param all the results; at least one
   * @param most how many rows are given; 0 for all
   */
  public RowsInOrder(List<ResultSet> order, List<ResultSet> all, long most) {
    this.order = new ArrayList<>(order);
    this.all = List.copyOf(all);
    this.most = most > 0 ? most : Long.MAX_VALUE;
    this.current = all.get(0);
  }

  @Override
  protected ResultSet rows() {
    return current;
  }

  @Override
  public boolean next() throws SQLException {
    if (row >= most) {
      checkOpen();
      over = true;
      return false;
    }
    while (ordered < order.size()) {
      current = order.get(ordered);
      ordered++;
      if (current.next()) {
        row++;
        return true;
      }
    }
    while (drained < all.size()) {
      current = all.get(drained);
      if (current.next()) {
        row++;
        return true;
      }
      drained++;
    }
    over = true;
    return false;
  }

  @Override
  public int getRow() {
    return over ? 0 : row;
  }

  @Override
  public boolean isBeforeFirst() {
    return row == 0 && !over;
  }

  @Override
  public boolean isFirst() {
    return row == 1 && !over;
  }

  @Override
  public boolean isAfterLast() {
    return over && row > 0;
  }

  @Override
  protected void checkOpen() throws SQLException {
    current.getType(); // refused when closed
  }

  @Override
  public void close() throws SQLException {
    for (ResultSet rows : all) {
      rows.close();
    }
  }
}
