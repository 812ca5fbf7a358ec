package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.internal.schema.BrokenCopy;
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
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long bytes;

  private CopyPipe(CopyOut out, CopyIn in) {
    this.out = out;
    this.in = in;
  }

  /**
   * Copies the rows that a condition holds for.
   *
   * @param to in a transaction, which is broken if this fails; {@code from} is usable again
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
              () -> kept(in, open(to, table)), () -> kept(out, open(from, table, condition)));
      return new CopyPipe(opened.beside(), opened.here()).run();
    } catch (SQLException e) {
      BrokenCopy.cancel(in.get(), e);
      BrokenCopy.cancel(out.get(), e);
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
    return new Copied(in.endCopy(), bytes);
  }

  /** The driver looks for an answer after each write, so that many rows go in one. */
  private void write(byte[] row) throws SQLException {
    bytes += row.length;
    if (buffered + row.length > BUFFER) {
      flush();
    }
    if (row.length > BUFFER) {
      in.writeToCopy(row, 0, row.length);
    } else {
      System.arraycopy(row, 0, buffer, buffered, row.length);
      buffered += row.length;
    }
  }

  private void flush() throws SQLException {
    in.writeToCopy(buffer, 0, buffered);
    buffered = 0;
  }
}
