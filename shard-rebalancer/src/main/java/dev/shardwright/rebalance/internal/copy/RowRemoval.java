package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.table.WindowSearch;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Deletes the rows of ranges from one side, a window at a time. Another one begins anew, and finds
 * fewer. Not thread-safe.
 */
public final class RowRemoval {
  private final RowOrder order;
  private final MoverIdentity identity;
  private final Throttle throttle;
  private final WindowSize size;
  private Optional<KeyWindow> rest;
  private long removed;

  /**
   * @param order in which the rows are looked for
   */
  public RowRemoval(
      RowOrder order,
      KeyRangeSet ranges,
      MoverIdentity identity,
      Throttle throttle,
      CopyOptions options) {
    this.order = order;
    this.identity = identity;
    this.throttle = throttle;
    this.size = new WindowSize(options.chunkTime(), throttle.burst(options.chunkBytes()));
    this.rest = Optional.of(KeyWindow.all(ranges));
  }

  /** Deletes all rows that are left. */
  public void run(Connection connection) throws SQLException, InterruptedException {
    while (rest.isPresent()) {
      removeNext(connection, rest.get());
    }
  }

  private void removeNext(Connection connection, KeyWindow left)
      throws SQLException, InterruptedException {
    throttle.await();
    long began = System.nanoTime();
    KeyWindow window = WindowSearch.first(connection, order, left, size.rows());
    Copied gone = MoverTransaction.in(connection, identity, () -> delete(connection, window));
    removed += gone.rows();
    rest = left.without(window);
    size.learn(System.nanoTime() - began, gone.bytes());
    throttle.moved(gone.bytes());
  }

  private Copied delete(Connection connection, KeyWindow window) throws SQLException {
    String delete =
        "with gone as (delete from %s where %s returning %s as bytes)"
                .formatted(order.table().sql(), order.inWindow(window), order.table().rowBytes())
            + " select count(*), coalesce(sum(bytes), 0) from gone";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(delete)) {
      row.next();
      return new Copied(row.getLong(1), row.getLong(2));
    }
  }

  /** How many rows this one has deleted. */
  public long removed() {
    return removed;
  }
}
