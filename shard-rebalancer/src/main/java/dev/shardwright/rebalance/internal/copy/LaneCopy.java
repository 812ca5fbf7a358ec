package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.WindowSearch;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;

/** Copies one lane, a chunk at a time; each chunk and its checkpoint in one transaction. */
final class LaneCopy {
  /** Bits by which the next attempt's rows are fewer. */
  private static final int SHRINKING = 3;

  private static final String OUT_OF_TIME = "57014";

  private final MovingTable table;
  private final MoverIdentity identity;
  private final Lanes lanes;
  private final KeyLogDrain drain;
  private final CopyPositions positions;
  private final WindowSize size;
  private final int number;

  LaneCopy(
      MovingTable table,
      KeyRangeSet ranges,
      MoverIdentity identity,
      Lanes lanes,
      int number,
      KeyLogDrain drain,
      WindowSize size) {
    this.table = table;
    this.identity = identity;
    this.lanes = lanes;
    this.number = number;
    this.drain = drain;
    this.positions = new CopyPositions(table, ranges, identity);
    this.size = size;
  }

  /**
   * Copies the next chunk.
   *
   * <p>A row of the chunk may have a value that was another row's when that one was copied, which
   * has changed since: the log names it. Then its change goes over first. Only what the log says of
   * rows copied for good may be drained: another that was deleted could still be copied. Each
   * attempt takes fewer rows, so that busy writers do not find time to be in the way again. Rows so
   * wide that there is no time for a chunk of them go over in smaller ones.
   *
   * @return what went over; nothing if the next chunk is to be a smaller one
   */
  Copied copyChunk(Connection from, Connection to) throws SQLException {
    int attempt = 0;
    while (true) {
      try {
        return tryChunk(from, to, size.rows() >> (attempt * SHRINKING));
      } catch (SQLException e) {
        if (OUT_OF_TIME.equals(e.getSQLState()) && size.tookTooLong()) {
          return Copied.NOTHING;
        }
        if (!Conflicts.isConflict(e)) {
          throw e;
        }
        if (attempt + 1 == Conflicts.ATTEMPTS) {
          throw new LastingConflict(
              table.name(), "a row after " + lanes.get(number).rest().after(), e);
        }
        Conflicts.pause(attempt, TimeLeft.UNHURRIED);
        drain.drainCopied(from, to, lanes.order(), lanes::copied);
        attempt++;
      }
    }
  }

  private Copied tryChunk(Connection from, Connection to, int rows) throws SQLException {
    long began = System.nanoTime();
    Lane before = lanes.get(number);
    KeyWindow window = WindowSearch.first(from, lanes.order(), before.rest(), Math.max(1, rows));
    String condition = lanes.order().inWindow(window);
    Copied copied =
        MoverTransaction.in(
            to,
            identity,
            () -> {
              Copied chunk = CopyPipe.copy(from, to, table, condition);
              positions.advance(to, before, before.after(window, chunk));
              return chunk;
            });
    lanes.put(before.after(window, copied));
    if (rows == size.rows()) {
      size.learn(System.nanoTime() - began, copied.bytes());
    }
    return copied;
  }
}
