package dev.shardwright.rebalance.internal.verify;

import com.google.common.collect.Sets;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
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
 * drained. Another one may go on from where this one was. Not thread-safe.
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
  private final WindowSize size = new WindowSize(WINDOW_TIME, WINDOW_BYTES);
  private KeyWindow rest;
  private boolean complete;
  private Verified verified = Verified.NOTHING;

  /**
   * @param drain of the same table, in the same direction; the copy is complete
   * @param after up to where the rows are known to be the same
   */
  public RowVerification(
      MovingTable table,
      KeyRangeSet ranges,
      KeyLogDrain drain,
      Throttle throttle,
      Optional<RowKey> after) {
    this.table = table;
    this.hashes = new RowHashes(table, ranges);
    this.drain = drain;
    this.throttle = throttle;
    this.rest = new KeyWindow(after, Optional.empty());
  }

  /** Compares all rows that are left, or up to the first window with rows that stay different. */
  public Verified run(Connection from, Connection to) throws SQLException, InterruptedException {
    while (!complete && verified.same()) {
      verifyNext(from, to);
    }
    return verified;
  }

  /**
   * Compares the rows of the next window, as soon as the throttle lets it.
   *
   * @param from in autocommit mode
   * @param to in autocommit mode
   */
  public void verifyNext(Connection from, Connection to) throws SQLException, InterruptedException {
    throttle.await();
    long began = System.nanoTime();
    KeyWindow window = WindowSearch.first(from, table, rest, size.rows());
    Summary theirs = hashes.summary(from, window);
    Summary ours = hashes.summary(to, window);
    size.learn(System.nanoTime() - began, theirs.bytes());
    throttle.moved(theirs.bytes());
    Repair repair = theirs.sameRows(ours) ? new Repair(0, List.of()) : settle(from, to, window);
    verified =
        new Verified(
            verified.rows() + theirs.rows(),
            verified.bytes() + theirs.bytes(),
            verified.broughtAgain() + repair.broughtAgain(),
            repair.differing());
    if (verified.same()) {
      complete = window.upTo().isEmpty();
      rest = new KeyWindow(window.upTo().or(rest::after), Optional.empty());
    }
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

  /** The largest key up to which the rows are the same. */
  public Optional<RowKey> position() {
    return rest.after();
  }

  /** Whether all rows were compared and are the same. */
  public boolean complete() {
    return complete;
  }

  /** What was found so far. */
  public Verified verified() {
    return verified;
  }
}
