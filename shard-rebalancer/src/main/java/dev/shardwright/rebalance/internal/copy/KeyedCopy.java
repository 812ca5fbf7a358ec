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
 */
final class KeyedCopy {
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

  KeyedCopy(
      MovingTable table, KeyRangeSet ranges, MoverIdentity identity, RowHashes hashes, KeyLog log) {
    this.table = table;
    this.ranges = ranges;
    this.identity = identity;
    this.hashes = hashes;
    this.log = log;
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
    for (int attempt = 0; ; attempt++) {
      left.check();
      try {
        return attempt == 0
            ? bringFirst(from, to, left, source, false)
            : asOfOneMoment(from, () -> bringFirst(from, to, left, source, true));
      } catch (SQLException e) {
        if (!Conflicts.isConflict(e)) {
          throw e;
        }
        if (attempt + 1 == Conflicts.ATTEMPTS) {
          throw new LastingConflict(table.name(), "a row that was written", e);
        }
      }
      Conflicts.pause(attempt, left);
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
      Connection from, Connection to, TimeLeft left, Source source, boolean alone)
      throws SQLException {
    KeyLog.Batch batch = source.first();
    if (batch.isEmpty()) {
      return batch;
    }
    String condition = rowsOf(batch);
    MoverTransaction.in(
        to,
        identity,
        left.limits() + "delete from " + table.sql() + " where " + condition,
        () -> {
          if (alone) {
            removeLater(to, left, source, batch);
          }
          Copied copied = CopyPipe.copy(from, to, table, condition);
          check(from, to, batch);
          return copied;
        });
    return batch;
  }

  private void removeLater(Connection to, TimeLeft left, Source source, KeyLog.Batch first)
      throws SQLException {
    for (KeyLog.Batch later = source.after(first); !later.isEmpty(); later = source.after(later)) {
      left.check();
      execute(to, "delete from " + table.sql() + " where " + rowsOf(later));
    }
  }

  private String rowsOf(KeyLog.Batch batch) {
    return table.hasKey(batch.keys()) + " and " + table.inRanges(ranges);
  }

  /** A row that differs because it has changed meanwhile is in the log again. */
  private void check(Connection from, Connection to, KeyLog.Batch batch) throws SQLException {
    Workers.Both<Summary, Summary> both =
        Workers.both(
            () -> hashes.summary(to, batch.keys()), () -> hashes.summary(from, batch.keys()));
    if (both.here().sameRows(both.beside())) {
      return;
    }
    Set<RowKey> unexplained =
        unexplained(
            from,
            RowHashes.differing(hashes.list(to, batch.keys()), hashes.list(from, batch.keys())),
            batch.positions());
    if (!unexplained.isEmpty()) {
      throw new RowsDiffer(table.name(), unexplained);
    }
  }

  /** Those of the rows that differ that the log does not name, apart from what was applied. */
  Set<RowKey> unexplained(Connection from, Set<RowKey> differing, Collection<Long> applied)
      throws SQLException {
    return differing.isEmpty()
        ? differing
        : Set.copyOf(Sets.difference(differing, log.named(from, differing, applied)));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
