package dev.shardwright.rebalance.internal.copy;

import com.google.common.collect.Sets;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowHashes;
import dev.shardwright.rebalance.internal.table.RowHashes.Summary;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Brings rows over as they are now, by their keys, in place of those that are there.
 *
 * <p>A unique value may have gone from one row to another while the other side still has it where
 * it was. The key of the row that lost it is in the log then, or comes into it between the reading
 * of the log and that of the rows. So what was in conflict is tried again as of one moment, in
 * which log and rows agree: all rows that the log names leave the other side first, also those that
 * are not to come yet. What stays is as it is in that moment where the rows come from, so that none
 * of them can be in the way of another, however fast values wander. The log keeps the keys of the
 * rows that left, and brings them again.
 *
 * <p>What is in conflict even then may be in the way of a row that no write explains, such as one
 * that a fail-over has left: it is brought along, as {@link RowsInTheWay} finds it.
 */
final class KeyedCopy {
  /** More rows than that are not in the way by a chance. */
  private static final int MOST_BROUGHT_ALONG = 10_000;

  /** What to bring. */
  interface Source {
    /** Those whose turn it is. */
    KeyLog.Batch first() throws SQLException;

    /** Those whose turn comes after theirs; none if the log has no more. */
    KeyLog.Batch after(KeyLog.Batch batch) throws SQLException;
  }

  private final MovingTable table;
  private final KeyRangeSet ranges;
  private final MoverIdentity identity;
  private final RowHashes hashes;
  private final KeyLog log;
  private final LowWaterMark mark;
  private final RowsInTheWay inTheWay;

  KeyedCopy(
      MovingTable table,
      KeyRangeSet ranges,
      MoverIdentity identity,
      RowHashes hashes,
      KeyLog log,
      LowWaterMark mark) {
    this.table = table;
    this.ranges = ranges;
    this.identity = identity;
    this.hashes = hashes;
    this.log = log;
    this.mark = mark;
    this.inTheWay = new RowsInTheWay(table, ranges);
  }

  /**
   * Brings those over whose turn it is.
   *
   * @param from in autocommit mode, or in a transaction that nobody else writes beside
   * @param to in autocommit mode
   * @return whose turn it was
   * @throws RowsDiffer if they are not the same on both sides after that
   * @throws LastingConflict if a row cannot come over
   */
  KeyLog.Batch bring(Connection from, Connection to, TimeLeft left, Source source)
      throws SQLException {
    for (int attempts = 0; ; attempts++) {
      int before = attempts;
      left.check();
      try {
        return before == 0
            ? bringFirst(from, to, left, source, before)
            : asOfOneMoment(from, () -> bringFirst(from, to, left, source, before));
      } catch (SQLException e) {
        if (!Conflicts.isConflict(e)) {
          throw e;
        }
        if (before + 1 == Conflicts.ATTEMPTS) {
          throw new LastingConflict(table.name(), "a row that was written", e);
        }
      }
      Conflicts.pause(before, left);
    }
  }

  /** Nobody else writes where a transaction has been begun already. */
  private static <T> T asOfOneMoment(Connection from, Transaction.Work<T> work)
      throws SQLException {
    if (!from.getAutoCommit()) {
      return work.run();
    }
    return Transaction.withIsolationOfItsOwn(
        from,
        () -> {
          execute(from, "set transaction isolation level repeatable read, read only");
          return work.run();
        });
  }

  private KeyLog.Batch bringFirst(
      Connection from, Connection to, TimeLeft left, Source source, int conflicts)
      throws SQLException {
    KeyLog.Batch batch = source.first();
    if (batch.isEmpty()) {
      return batch;
    }
    MoverTransaction.in(
        to,
        identity,
        left.limits() + deletion(batch.keys()),
        () -> {
          if (conflicts > 0) {
            removeLater(to, left, source, batch);
          }
          Set<RowKey> keys =
              conflicts > 1 ? withThoseInTheWay(from, to, left, batch.keys()) : batch.keys();
          Copied copied = CopyPipe.copy(from, to, table, rowsOf(keys));
          check(from, to, keys, batch.positions());
          return copied;
        });
    return batch;
  }

  private void removeLater(Connection to, TimeLeft left, Source source, KeyLog.Batch first)
      throws SQLException {
    for (KeyLog.Batch later = source.after(first); !later.isEmpty(); later = source.after(later)) {
      left.check();
      execute(to, deletion(later.keys()));
    }
  }

  /** Those that are brought along may find others in their way. */
  private Set<RowKey> withThoseInTheWay(
      Connection from, Connection to, TimeLeft left, Set<RowKey> keys) throws SQLException {
    Set<RowKey> all = new HashSet<>(keys);
    Set<RowKey> found = inTheWay.of(from, to, keys);
    while (!found.isEmpty() && all.size() < keys.size() + MOST_BROUGHT_ALONG) {
      left.check();
      execute(to, deletion(found));
      all.addAll(found);
      found = inTheWay.of(from, to, found);
    }
    return all;
  }

  private String deletion(Set<RowKey> keys) {
    return "delete from " + table.sql() + " where " + rowsOf(keys);
  }

  private String rowsOf(Set<RowKey> keys) {
    return table.hasKey(keys) + " and " + table.inRanges(ranges);
  }

  /** A row that differs because it has changed meanwhile is in the log again. */
  private void check(Connection from, Connection to, Set<RowKey> keys, List<Long> applied)
      throws SQLException {
    Workers.Both<Summary, Summary> both =
        Workers.both(() -> hashes.summary(to, keys), () -> hashes.summary(from, keys));
    if (both.here().sameRows(both.beside())) {
      return;
    }
    Set<RowKey> unexplained =
        unexplained(
            from, RowHashes.differing(hashes.list(to, keys), hashes.list(from, keys)), applied);
    if (!unexplained.isEmpty()) {
      throw new RowsDiffer(table.name(), unexplained);
    }
  }

  /** Those of the rows that differ that the log does not name, apart from what was applied. */
  Set<RowKey> unexplained(Connection from, Set<RowKey> differing, Collection<Long> applied)
      throws SQLException {
    return differing.isEmpty()
        ? differing
        : Set.copyOf(
            Sets.difference(differing, log.named(from, mark.position(), differing, applied)));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
