package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.CopyProgress;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.TableCopy;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Progress;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.ring.ShardId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Copies the rows, table after table, each from where it was left. */
final class Copying implements Phase {
  private final MoveContext context;
  private final Throttle throttle;
  private volatile List<TableCopy> copies = List.of();

  Copying(MoveContext context, Throttle throttle) {
    this.context = context;
    this.throttle = throttle;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    ShardId from = context.from(Direction.FORWARD);
    ShardId to = context.to(Direction.FORWARD);
    List<MovingTable> tables;
    try (Connection source = context.open(from)) {
      tables = context.tables(source);
    }
    List<KeyLogDrain> drains = context.drains(tables);
    List<TableCopy> made = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      made.add(
          new TableCopy(
              tables.get(i),
              context.ranges(),
              context.mover(),
              context.sessions(from),
              context.sessions(to),
              drains.get(i),
              throttle,
              context.copyOptions()));
    }
    copies = List.copyOf(made);
    try {
      for (TableCopy copy : made) {
        copy.run();
      }
    } catch (LastingConflict e) {
      throw Obstacle.of(e);
    }
    return true;
  }

  /** How far all tables have come; may be asked from any thread. */
  Progress progress() {
    long rows = 0;
    long bytes = 0;
    long estimated = 0;
    for (TableCopy copy : copies) {
      CopyProgress progress = copy.progress();
      rows += progress.rows();
      bytes += progress.bytes();
      estimated += progress.estimatedRows();
    }
    return new Progress(rows, bytes, estimated);
  }
}
