package dev.shardwright.rebalance.internal.verify;

import com.google.common.collect.Sets;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowHashes;
import dev.shardwright.rebalance.internal.table.RowHashes.Summary;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.WindowSearch;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares every row of a table that moves on both sides, while others write and the key log is
 * drained. Used once, by one thread.
 *
 * <p>A row that differs because it was written meanwhile is in the key log, or was: whoever drains
 * it compares the row after that, so that it may be left out here. Any other is looked at again,
 * then brought over again, and at last reported.
 */
public final class RowVerification {
  private static final Logger LOG = LoggerFactory.getLogger(RowVerification.class);

  private static final Duration WINDOW_TIME = Duration.ofMillis(200);
  private static final long WINDOW_BYTES = 8 * 1024 * 1024;
  private static final int LOOKS = 3;

  private final MovingTable table;
  private final RowHashes hashes;
  private final KeyLogDrain drain;
  private final Throttle throttle;
  private final WindowSize size;
  private Verified verified = Verified.NOTHING;

  /**
   * @param drain of the same table, in the same direction; the copy is complete
   */
  public RowVerification(
      MovingTable table, KeyRangeSet ranges, KeyLogDrain drain, Throttle throttle) {
    this.table = table;
    this.hashes = new RowHashes(table, ranges);
    this.drain = drain;
    this.throttle = throttle;
    this.size = new WindowSize(WINDOW_TIME, throttle.burst(WINDOW_BYTES));
  }

  /**
   * Compares all rows, or those up to the first window with rows that stay different. Both sides
   * are asked for a window at the same time.
   *
   * @param from in autocommit mode
   * @param to in autocommit mode; asked by another thread too
   */
  public Verified run(Connection from, Connection to) throws SQLException, InterruptedException {
    KeyWindow rest = KeyWindow.ALL;
    while (true) {
      throttle.await();
      KeyWindow window = compareNext(from, to, rest);
      if (window.upTo().isEmpty() || !verified.same()) {
        return verified;
      }
      rest = new KeyWindow(window.upTo(), Optional.empty());
    }
  }

  private KeyWindow compareNext(Connection from, Connection to, KeyWindow rest)
      throws SQLException {
    long began = System.nanoTime();
    KeyWindow window = WindowSearch.first(from, table, rest, size.rows());
    Workers.Both<Summary, Summary> both =
        Workers.both(() -> hashes.summary(from, window), () -> hashes.summary(to, window));
    Summary rows = both.here();
    size.learn(System.nanoTime() - began, rows.bytes());
    throttle.moved(rows.bytes());
    Repair repair =
        rows.sameRows(both.beside()) ? new Repair(0, List.of()) : settle(from, to, window);
    verified =
        new Verified(
            verified.rows() + rows.rows(),
            verified.bytes() + rows.bytes(),
            verified.broughtAgain() + repair.broughtAgain(),
            repair.differing());
    return window;
  }

  private record Repair(int broughtAgain, List<RowKey> differing) {}

  private Repair settle(Connection from, Connection to, KeyWindow window) throws SQLException {
    Set<RowKey> suspects = RowHashes.differing(hashes.list(from, window), hashes.list(to, window));
    Set<RowKey> differing = lookAgain(from, to, suspects);
    if (differing.isEmpty()) {
      return new Repair(0, List.of());
    }
    LOG.warn("table {}: rows differ and are copied again: {}", table.name(), differing);
    drain.bring(from, to, differing);
    return new Repair(differing.size(), new ArrayList<>(lookAgain(from, to, differing)));
  }

  /**
   * Those that differ though no write explains it. The log is read last: a write that was seen on
   * one side only is in it, unless it was drained since, which the next look sees.
   */
  private Set<RowKey> lookAgain(Connection from, Connection to, Set<RowKey> suspects)
      throws SQLException {
    Set<RowKey> differing = suspects;
    for (int look = 0; look < LOOKS && !differing.isEmpty(); look++) {
      Set<RowKey> still =
          RowHashes.differing(hashes.list(from, differing), hashes.list(to, differing));
      differing = Sets.difference(still, drain.pending(from, still)).immutableCopy();
    }
    return differing;
  }
}
