package dev.shardwright.rebalance.internal.verify;

import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.Sessions;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.RowHashes;
import dev.shardwright.rebalance.internal.table.RowHashes.Summary;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.table.WindowSearch;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares every row of a table that moves on both sides, lane beside lane, while others write and
 * the key log is drained. Used once.
 *
 * <p>A row that differs because it was written meanwhile is in the key log, or was: whoever drains
 * it compares the row after that, so that it may be left out here. Any other is looked at again
 * while nothing is drained, then brought over again, and at last reported.
 */
public final class RowVerification {
  private static final Logger LOG = LoggerFactory.getLogger(RowVerification.class);

  private static final Duration WINDOW_TIME = Duration.ofMillis(200);
  private static final long WINDOW_BYTES = 8 * 1024 * 1024;
  private static final int MOST_NAMED = 10;

  /** The keys and hashes of so many rows of each side are held in memory for each lane. */
  private static final int LISTED = 10_000;

  private static final String OUT_OF_TIME = "57014";

  /** How many times fewer rows a part of a window has that there was no time for. */
  private static final int SHRINKING = 4;

  private final RowOrder order;
  private final RowHashes hashes;
  private final Sessions from;
  private final Sessions to;
  private final KeyLogDrain drain;
  private final Throttle throttle;
  private final WindowSize size;

  /** What no lane has taken yet; empty once all is taken. Guarded by this, as is the rest. */
  private Optional<KeyWindow> rest;

  private Verified verified = Verified.NOTHING;

  /**
   * @param order in which the rows are looked for, on both sides
   * @param from opens sessions for the lanes, as {@code to} does
   * @param drain of the same table, in the same direction; the copy is complete
   */
  public RowVerification(
      RowOrder order,
      KeyRangeSet ranges,
      Sessions from,
      Sessions to,
      KeyLogDrain drain,
      Throttle throttle) {
    this.order = order;
    this.rest = Optional.of(KeyWindow.all(ranges));
    this.hashes = new RowHashes(order.table(), ranges);
    this.from = from;
    this.to = to;
    this.drain = drain;
    this.throttle = throttle;
    this.size = new WindowSize(WINDOW_TIME, throttle.burst(WINDOW_BYTES));
  }

  /**
   * Compares all rows, or those up to the first windows with rows that stay different. Both sides
   * are asked for a window at the same time.
   *
   * @param lanes how many windows are compared at once
   * @param logs of all tables of the move, looked at between two windows
   */
  public Verified run(int lanes, ShortLogs logs) throws SQLException, InterruptedException {
    try (Workers workers = new Workers("verification-" + order.table().name(), lanes)) {
      workers.doAll(Collections.nCopies(lanes, () -> lane(logs)));
    }
    return verified();
  }

  private boolean lane(ShortLogs logs) throws SQLException, InterruptedException {
    try (Connection source = from.open();
        Connection target = to.open()) {
      throttle.await();
      for (Optional<Piece> next = take(source, target);
          next.isPresent();
          next = take(source, target)) {
        compare(source, target, next.get());
        logs.keep(source, target);
        throttle.await();
      }
    }
    return true;
  }

  /** Cuts the next window off; empty if there is none, or the rest need not be looked at. */
  private synchronized Optional<Piece> take(Connection source, Connection target)
      throws SQLException {
    if (rest.isEmpty() || !verified.same()) {
      return Optional.empty();
    }
    Piece piece = first(source, target, rest.get(), size.rows());
    rest = rest.get().without(piece.window());
    return Optional.of(piece);
  }

  /**
   * A window.
   *
   * @param rows how many it has at most, on either side
   */
  private record Piece(KeyWindow window, int rows) {}

  /**
   * The first part of a window. It has few rows on either side: where a few are to come into a
   * large table, they lie far apart there.
   */
  private Piece first(Connection source, Connection target, KeyWindow within, int rows)
      throws SQLException {
    KeyWindow first = WindowSearch.first(source, order, within, rows);
    return new Piece(WindowSearch.first(target, order, first, rows), rows);
  }

  /** Compares a window, or its parts one by one where there is no time for all of it at once. */
  private void compare(Connection source, Connection target, Piece piece) throws SQLException {
    try {
      compareAtOnce(source, target, piece.window());
    } catch (SQLException e) {
      if (!OUT_OF_TIME.equals(e.getSQLState()) || piece.rows() == 1) {
        throw e;
      }
      shrink();
      int fewer = Math.max(1, piece.rows() / SHRINKING);
      Optional<KeyWindow> left = Optional.of(piece.window());
      while (left.isPresent()) {
        Piece part = first(source, target, left.get(), fewer);
        compare(source, target, part);
        left = left.get().without(part.window());
      }
    }
  }

  /** For the windows to come; those at hand have their own sizes, whatever other lanes learn. */
  private synchronized void shrink() {
    boolean unused = size.tookTooLong();
  }

  private void compareAtOnce(Connection source, Connection target, KeyWindow window)
      throws SQLException {
    long began = System.nanoTime();
    Workers.Both<Summary, Summary> both = summaries(source, target, window);
    Summary rows = both.here();
    long took = System.nanoTime() - began;
    throttle.moved(rows.bytes());
    compared(
        rows, took, rows.sameRows(both.beside()) ? Repair.NONE : settle(source, target, window));
  }

  private synchronized void compared(Summary rows, long nanos, Repair repair) {
    size.learn(nanos, rows.bytes());
    verified =
        new Verified(
            verified.rows() + rows.rows(),
            verified.bytes() + rows.bytes(),
            verified.broughtAgain() + repair.broughtAgain(),
            verified.same() ? repair.differing() : verified.differing());
  }

  private synchronized Verified verified() {
    return verified;
  }

  private record Repair(int broughtAgain, List<RowKey> differing) {
    static final Repair NONE = new Repair(0, List.of());
  }

  private Repair settle(Connection source, Connection target, KeyWindow window)
      throws SQLException {
    Set<RowKey> suspects = suspects(source, target, window);
    Set<RowKey> differing = drain.unexplained(source, target, suspects);
    if (differing.isEmpty()) {
      return Repair.NONE;
    }
    LOG.warn(
        "table {}: {} rows differ and are copied again, for example {}",
        order.table().name(),
        differing.size(),
        differing.stream().limit(MOST_NAMED).toList());
    drain.bring(source, target, differing);
    return new Repair(
        differing.size(), new ArrayList<>(drain.unexplained(source, target, differing)));
  }

  /** The rows that differ; they are listed a part at a time, since a window may have many. */
  private Set<RowKey> suspects(Connection source, Connection target, KeyWindow window)
      throws SQLException {
    Set<RowKey> suspects = new HashSet<>();
    Optional<KeyWindow> left = Optional.of(window);
    while (left.isPresent()) {
      KeyWindow part = first(source, target, left.get(), LISTED).window();
      Workers.Both<Summary, Summary> both = summaries(source, target, part);
      if (!both.here().sameRows(both.beside())) {
        suspects.addAll(
            RowHashes.differing(
                hashes.list(source, order, part), hashes.list(target, order, part)));
      }
      left = left.get().without(part);
    }
    return suspects;
  }

  private Workers.Both<Summary, Summary> summaries(
      Connection source, Connection target, KeyWindow window) throws SQLException {
    return Workers.both(
        () -> hashes.summary(source, order, window), () -> hashes.summary(target, order, window));
  }
}
