package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.PageSample;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.rebalance.internal.table.WindowSize;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Copies the rows of one table that move, lane beside lane. After it was stopped in whatever way,
 * another run goes on from the last chunk that was committed. Capture must be installed where the
 * rows come from.
 *
 * <p>{@link #begin} and {@link #run} are called by one thread at a time; {@link #progress} by any.
 */
public final class TableCopy {
  private final MovingTable table;
  private final KeyRangeSet ranges;
  private final MoverIdentity identity;
  private final Sessions from;
  private final Sessions to;
  private final KeyLogDrain drain;
  private final Throttle throttle;
  private final CopyOptions options;
  private volatile Run current;
  private boolean fresh;

  /** What a run knows: its lanes, and what it expects. */
  private record Run(Lanes lanes, long estimatedRows, boolean begun) {}

  /**
   * @param ranges those that move
   * @param drain of the same table, in the same direction
   */
  public TableCopy(
      MovingTable table,
      KeyRangeSet ranges,
      MoverIdentity identity,
      Sessions from,
      Sessions to,
      KeyLogDrain drain,
      Throttle throttle,
      CopyOptions options) {
    this.table = table;
    this.ranges = ranges;
    this.identity = identity;
    this.from = from;
    this.to = to;
    this.drain = drain;
    this.throttle = throttle;
    this.options = options;
    this.current = new Run(new Lanes(RowOrder.byKey(table), List.of()), 0, false);
  }

  /** Finds out about how many rows there are, and how far earlier runs came. */
  public void begin() throws SQLException {
    CopyPositions positions = new CopyPositions(table, ranges, identity);
    try (Connection source = from.open();
        Connection target = to.open()) {
      PageSample sample = PageSample.take(source, RowOrder.byKey(table), ranges);
      Lanes lanes = positions.read(target);
      if (lanes.all().isEmpty()) {
        lanes = begin(source, sample);
        positions.begin(target, lanes);
      }
      current = new Run(lanes, sample.estimatedRows(), true);
      fresh = true;
    }
  }

  private Lanes begin(Connection source, PageSample sample) throws SQLException {
    RowOrder order = RowOrder.choose(sample, source);
    PageSample ordered =
        order.equals(sample.order()) ? sample : PageSample.take(source, order, ranges);
    return Lanes.start(order, ordered.parts(options.lanes()));
  }

  /**
   * Copies until all rows went over; begins, if that was not done for this run. Interrupting the
   * thread stops it after the chunks at hand.
   *
   * @throws LastingConflict if a row cannot come over
   */
  public void run() throws SQLException, InterruptedException {
    if (!fresh) {
      begin();
    }
    fresh = false;
    List<Integer> lanes = current.lanes().incomplete();
    if (lanes.isEmpty()) {
      return;
    }
    List<Callable<Boolean>> copies = new ArrayList<>();
    for (int lane : lanes) {
      copies.add(() -> copy(lane));
    }
    try (Workers workers = new Workers("copy-" + table.name(), lanes.size())) {
      workers.doAll(copies);
    }
  }

  /** How far the copy has come. */
  public CopyProgress progress() {
    Run run = current;
    boolean complete = run.begun() && run.lanes().incomplete().isEmpty();
    Copied total = run.lanes().total();
    return new CopyProgress(
        total.rows(),
        total.bytes(),
        complete ? total.rows() : Math.max(run.estimatedRows(), total.rows()),
        complete);
  }

  private boolean copy(int number) throws SQLException, InterruptedException {
    Lanes lanes = current.lanes();
    WindowSize size = new WindowSize(options.chunkTime(), throttle.burst(options.chunkBytes()));
    LaneCopy lane = new LaneCopy(table, ranges, identity, lanes, number, drain, size);
    try (Connection source = from.open();
        Connection target = to.open()) {
      while (!lanes.get(number).complete()) {
        throttle.await();
        throttle.moved(lane.copyChunk(source, target).bytes());
      }
    }
    return true;
  }
}
