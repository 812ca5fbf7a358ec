package dev.shardwright.rebalance.internal.copy;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowHashes;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Applies the key log of one table to the other side: takes keys from the log, brings their rows
 * over as they are now, and deletes the log's rows.
 *
 * <p>Why no write is lost. The log names a key in the transaction that writes the row, so whoever
 * sees a key in the log sees at least that state of the row. The rows are read after the log: what
 * goes over is as new as the log, or newer, and whatever is newer is in the log again. The other
 * side commits before the log's rows are deleted; if all ends in between, they are applied once
 * more, which changes nothing. Exactly the rows that were read are deleted. Batches are strictly
 * serial, or an older state of a row could overtake a newer one whose log rows are gone.
 *
 * <p>Thread-safe; the connections that are passed in are used by the calling thread only.
 */
public final class KeyLogDrain {
  /** The keys of a batch are held in memory, and sent as one text: some hundred bytes each. */
  private static final int LARGEST_BATCH = 1 << 18;

  /** How much larger than the first the batches become while the log is longer than they are. */
  private static final int LARGEST_STEP = 16;

  /** How much smaller the next batch is if there was no time for one. */
  private static final int SHRINKING = 4;

  private static final String OUT_OF_TIME = "57014";

  /** Reads what the log has after a position, at most so many rows. */
  @FunctionalInterface
  private interface Reader {
    KeyLog.Batch read(long after, int most) throws SQLException;
  }

  private final MoverIdentity identity;
  private final int batchSize;
  private final RowHashes hashes;
  private final KeyLog log;
  private final LowWaterMark mark;
  private final KeyedCopy rows;
  private final ReentrantLock serial = new ReentrantLock();

  /** The size of the next batch; guarded by the lock. */
  private int next;

  /**
   * @param ranges those that move
   * @param batchSize how many rows of the log are applied in one transaction; more while the log is
   *     longer, since a larger batch takes fewer trips for each row, and fewer where a statement
   *     about so many would take too long
   */
  public KeyLogDrain(MovingTable table, KeyRangeSet ranges, MoverIdentity identity, int batchSize) {
    checkArgument(
        1 <= batchSize && batchSize <= LARGEST_BATCH / LARGEST_STEP,
        "a batch of %s rows is not within 1 to %s",
        batchSize,
        LARGEST_BATCH / LARGEST_STEP);
    this.identity = identity;
    this.batchSize = batchSize;
    this.next = batchSize;
    this.hashes = new RowHashes(table, ranges);
    this.log = new KeyLog(table, identity.migration());
    this.mark = new LowWaterMark(log);
    this.rows = new KeyedCopy(table, ranges, identity, hashes, log, mark);
  }

  /**
   * Applies one batch. Only once the copy is complete: until then a row that the log says was
   * deleted could be copied after that, and nobody would delete it again.
   *
   * @param from where the log is, in autocommit mode
   * @param to in autocommit mode
   * @throws RowsDiffer if rows are not the same on both sides after that
   * @throws LastingConflict if a row cannot come over
   */
  public Drained drain(Connection from, Connection to) throws SQLException {
    return drain(from, to, TimeLeft.UNHURRIED);
  }

  /**
   * The same while others wait.
   *
   * @throws SQLException with SQLSTATE 57014 or 55P03 if the time is over before it is done
   */
  public Drained drain(Connection from, Connection to, TimeLeft left) throws SQLException {
    serial.lock();
    try {
      if (left == TimeLeft.UNHURRIED) {
        mark.beforeReading(from); // which takes a look at the locks of all
      }
      Applied applied = apply(from, to, left, mark.position(), logOf(from));
      mark.afterReading(applied.batch());
      delete(from, applied.batch());
      return new Drained(applied.batch().size(), applied.full() ? length(from) : 0);
    } finally {
      serial.unlock();
    }
  }

  /**
   * Applies batches for about this long, or until the log has been read to its end, as fast as the
   * throttle lets it.
   */
  public Drained drainFor(Duration turn, Connection from, Connection to, Throttle throttle)
      throws SQLException, InterruptedException {
    long began = System.nanoTime();
    Drained all = Drained.NOTHING;
    do {
      throttle.await();
      all = all.plus(drain(from, to));
    } while (all.remaining() > 0 && System.nanoTime() - began < turn.toNanos());
    return all;
  }

  /**
   * Applies the log to its end and leaves its rows there, as work waits for it: to apply them once
   * more would change nothing, and they go with the log. For when nobody adds to it any more.
   *
   * @param from in the transaction that has the gate
   * @param to in autocommit mode
   * @return how many rows of the log were applied
   * @throws SQLException with SQLSTATE 57014 or 55P03 if the time is over before it is done
   */
  public long drainLast(Connection from, Connection to, TimeLeft left) throws SQLException {
    serial.lock();
    try {
      long applied = 0;
      long position = mark.position();
      boolean full = true;
      while (full) {
        Applied next = apply(from, to, left, position, logOf(from));
        applied += next.batch().size();
        position = next.batch().last(position);
        full = next.full();
      }
      return applied;
    } finally {
      serial.unlock();
    }
  }

  /**
   * Those whose log has rows that are not applied yet, found by one statement: with many tables,
   * few of which are written, each trip counts where work waits.
   *
   * @param from where all the logs are
   */
  public static List<KeyLogDrain> withRowsLeft(Connection from, List<KeyLogDrain> drains)
      throws SQLException {
    String each = drains.stream().map(KeyLogDrain::rowsAreLeft).collect(Collectors.joining(", "));
    try (Statement statement = from.createStatement();
        ResultSet row = statement.executeQuery("select array[%s]::bool[]".formatted(each))) {
      row.next();
      Boolean[] left = (Boolean[]) row.getArray(1).getArray();
      return IntStream.range(0, left.length).filter(i -> left[i]).mapToObj(drains::get).toList();
    }
  }

  private String rowsAreLeft() {
    serial.lock();
    try {
      return log.hasRows(mark.position());
    } finally {
      serial.unlock();
    }
  }

  /** About how many rows the log has; does not count them. */
  public long length(Connection from) throws SQLException {
    serial.lock();
    try {
      return log.length(from, mark.position());
    } finally {
      serial.unlock();
    }
  }

  /**
   * Those of the keys whose rows differ though no write explains it. Nothing is drained meanwhile,
   * and the log is read last: a write that was seen on one side only is in it.
   */
  public Set<RowKey> unexplained(Connection from, Connection to, Set<RowKey> keys)
      throws SQLException {
    if (keys.isEmpty()) {
      return keys;
    }
    serial.lock();
    try {
      return rows.unexplained(
          from, RowHashes.differing(hashes.list(from, keys), hashes.list(to, keys)), List.of());
    } finally {
      serial.unlock();
    }
  }

  /** Brings the rows of these keys over as if the log had named them. */
  public void bring(Connection from, Connection to, Collection<RowKey> keys) throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    serial.lock();
    try {
      KeyLog.Batch named = new KeyLog.Batch(List.of(), Set.copyOf(keys));
      rows.bring(from, to, TimeLeft.UNHURRIED, source(() -> named, mark.position(), logOf(from)));
    } finally {
      serial.unlock();
    }
  }

  /**
   * Applies all that the log has by now about rows in these windows, and leaves the rest.
   *
   * @param copied windows whose rows are on the other side for good: no copy looks at them again.
   *     Asked each time the log is read, since a row that another lane has just copied may be in
   *     the way of one to come
   */
  void drainCopied(Connection from, Connection to, RowOrder order, Supplier<List<KeyWindow>> copied)
      throws SQLException {
    serial.lock();
    try {
      long last = log.lastPosition(from);
      Applied applied;
      do {
        applied =
            apply(
                from,
                to,
                TimeLeft.UNHURRIED,
                mark.position(),
                (after, most) -> log.read(from, order, copied.get(), after, most));
        delete(from, applied.batch());
      } while (applied.full() && applied.batch().last(last) < last);
    } finally {
      serial.unlock();
    }
  }

  private Reader logOf(Connection from) {
    return (after, most) -> log.read(from, after, most);
  }

  /**
   * Rows of the log that have been applied.
   *
   * @param full whether there may be more
   */
  private record Applied(KeyLog.Batch batch, boolean full) {}

  /** Rows so wide that there is no time for a batch of them go over in smaller ones. */
  private Applied apply(Connection from, Connection to, TimeLeft left, long position, Reader reader)
      throws SQLException {
    while (true) {
      try {
        return applyNext(from, to, left, position, reader);
      } catch (SQLException e) {
        boolean tooMany =
            left == TimeLeft.UNHURRIED && OUT_OF_TIME.equals(e.getSQLState()) && next > 1;
        if (!tooMany) {
          throw e;
        }
        next = Math.max(1, next / SHRINKING);
      }
    }
  }

  private Applied applyNext(
      Connection from, Connection to, TimeLeft left, long position, Reader reader)
      throws SQLException {
    int most = next;
    KeyLog.Batch batch =
        rows.bring(from, to, left, source(() -> reader.read(position, most), position, reader));
    boolean full = batch.size() >= most;
    if (!batch.isEmpty()) {
      next = full ? Math.min(2 * most, LARGEST_STEP * batchSize) : Math.min(most, batchSize);
    }
    return new Applied(batch, full);
  }

  private KeyedCopy.Source source(
      Transaction.Work<KeyLog.Batch> first, long position, Reader reader) {
    return new KeyedCopy.Source() {
      @Override
      public KeyLog.Batch first() throws SQLException {
        return first.run();
      }

      @Override
      public KeyLog.Batch after(KeyLog.Batch batch) throws SQLException {
        return reader.read(batch.last(position), next);
      }
    };
  }

  private void delete(Connection from, KeyLog.Batch batch) throws SQLException {
    if (!batch.isEmpty()) {
      MoverTransaction.in(from, identity, log.deletion(batch), batch::size);
    }
  }
}
