package dev.shardwright.rebalance.internal.copy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.shardwright.internal.schema.BrokenCopy;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.MovingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * Streams rows from a table on one server into the same on another. It holds a buffer's worth of
 * them at a time: the servers work at once, and the slower one slows the other down.
 */
final class CopyPipe {
  private static final int BUFFER = 1 << 16;

  private final CopyOut out;
  private final CopyIn in;
  private final MovingTable table;
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long bytes;

  private CopyPipe(CopyOut out, CopyIn in, MovingTable table) {
    this.out = out;
    this.in = in;
    this.table = table;
  }

  /**
   * Copies the rows that a condition holds for.
   *
   * @param to in a transaction, which is broken if this fails; {@code from} is usable again, but
   *     after what nobody expects, such as memory that runs out, both are closed
   * @throws RowsRefused if they are not taken there
   */
  static Copied copy(Connection from, Connection to, MovingTable table, String condition)
      throws SQLException {
    // For whichever was opened although the other could not be.
    AtomicReference<@Nullable CopyOperation> out = new AtomicReference<>();
    AtomicReference<@Nullable CopyOperation> in = new AtomicReference<>();
    try {
      // Both are asked at once, so that the copy takes one trip less.
      Workers.Both<CopyIn, CopyOut> opened =
          Workers.both(
              () -> taken(table, () -> kept(in, open(to, table))),
              () -> kept(out, open(from, table, condition)));
      return new CopyPipe(opened.beside(), opened.here(), table).run();
    } catch (SQLException | RowsRefused e) {
      BrokenCopy.cancel(in.get(), e);
      BrokenCopy.cancel(out.get(), e);
      throw e;
    } catch (RuntimeException | Error e) {
      BrokenCopy.abort(e, from, to);
      throw e;
    }
  }

  private static CopyOut open(Connection from, MovingTable table, String condition)
      throws SQLException {
    return from.unwrap(PGConnection.class)
        .getCopyAPI()
        .copyOut(
            "copy (select %s from %s where %s) to stdout %s"
                .formatted(table.columnList(), table.sql(), condition, table.format().sql()));
  }

  private static CopyIn open(Connection to, MovingTable table) throws SQLException {
    return to.unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn(
            "copy %s (%s) from stdin %s"
                .formatted(table.sql(), table.columnList(), table.format().sql()));
  }

  private static <T extends CopyOperation> T kept(
      AtomicReference<@Nullable CopyOperation> reference, T operation) {
    reference.set(operation);
    return operation;
  }

  private Copied run() throws SQLException {
    for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
      write(row);
    }
    flush();
    return new Copied(taken(table, in::endCopy), bytes);
  }

  /** The driver looks for an answer after each write, so that many rows go in one. */
  private void write(byte[] row) throws SQLException {
    bytes += row.length;
    if (buffered + row.length > BUFFER) {
      flush();
    }
    if (row.length > BUFFER) {
      send(row, row.length);
    } else {
      System.arraycopy(row, 0, buffer, buffered, row.length);
      buffered += row.length;
    }
  }

  private void flush() throws SQLException {
    send(buffer, buffered);
    buffered = 0;
  }

  private void send(byte[] rows, int length) throws SQLException {
    taken(
        table,
        () -> {
          in.writeToCopy(rows, 0, length);
          return length;
        });
  }

  /** Does something on the side that the rows go to. */
  @CanIgnoreReturnValue
  private static <T> T taken(MovingTable table, Transaction.Work<T> work) throws SQLException {
    try {
      return work.run();
    } catch (SQLException e) {
      RowsRefused.check(table.name(), e);
      throw e;
    }
  }
}
