package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
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
 * Deletes the rows of ranges from one side, a window at a time. Another one may go on from where
 * this one was; from the beginning it would only take longer. Not thread-safe.
 */
public final class RowRemoval {
  private final MovingTable table;
  private final KeyRangeSet ranges;
  private final MoverIdentity identity;
  private final Throttle throttle;
  private final WindowSize size;
  private KeyWindow rest;
  private boolean complete;
  private long removed;

  /**
   * @param after up to where the rows are deleted already
   */
  public RowRemoval(
      MovingTable table,
      KeyRangeSet ranges,
      MoverIdentity identity,
      Throttle throttle,
      CopyOptions options,
      Optional<RowKey> after) {
    this.table = table;
    this.ranges = ranges;
    this.identity = identity;
    this.throttle = throttle;
    this.size = new WindowSize(options.chunkTime(), throttle.burst(options.chunkBytes()));
    this.rest = new KeyWindow(after, Optional.empty());
  }

  /** Deletes all rows that are left. */
  public void run(Connection connection) throws SQLException, InterruptedException {
    while (!complete) {
      removeNext(connection);
    }
  }

  /** Deletes the rows of the next window, as soon as the throttle lets it. */
  public void removeNext(Connection connection) throws SQLException, InterruptedException {
    throttle.await();
    long began = System.nanoTime();
    KeyWindow window = WindowSearch.first(connection, table, rest, size.rows());
    Copied gone = MoverTransaction.in(connection, identity, () -> delete(connection, window));
    removed += gone.rows();
    complete = window.upTo().isEmpty();
    rest = new KeyWindow(window.upTo().or(rest::after), Optional.empty());
    size.learn(System.nanoTime() - began, gone.bytes());
    throttle.moved(gone.bytes());
  }

  private Copied delete(Connection connection, KeyWindow window) throws SQLException {
    String delete =
        "with gone as (delete from %s where %s and %s returning %s as bytes)"
                .formatted(
                    table.sql(), table.inWindow(window), table.inRanges(ranges), table.rowBytes())
            + " select count(*), coalesce(sum(bytes), 0) from gone";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(delete)) {
      row.next();
      return new Copied(row.getLong(1), row.getLong(2));
    }
  }

  /** The largest key up to which the rows are deleted. */
  public Optional<RowKey> position() {
    return rest.after();
  }

  /** Whether all rows are deleted. */
  public boolean complete() {
    return complete;
  }

  /** How many rows this one has deleted. */
  public long removed() {
    return removed;
  }
}
