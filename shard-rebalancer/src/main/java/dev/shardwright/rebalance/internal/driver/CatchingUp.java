package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.Drained;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.watch.MigrationProgress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Copies again what was written meanwhile, until the key logs were read to their ends. */
final class CatchingUp implements Phase {
  private final MoveContext context;
  private final Direction direction;
  private final Throttle throttle;
  private long remaining;

  CatchingUp(MoveContext context, Direction direction, Throttle throttle) {
    this.context = context;
    this.direction = direction;
    this.throttle = throttle;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    try (Connection from = context.open(context.from(direction));
        Connection to = context.open(context.to(direction))) {
      List<KeyLogDrain> drains = context.drains(context.tables(from));
      remaining = 0;
      for (KeyLogDrain drain : drains) {
        throttle.await();
        Drained drained = drain.drain(from, to);
        remaining += drained.remaining();
      }
      return remaining == 0;
    } catch (LastingConflict | RowsDiffer e) {
      throw Obstacle.of(e);
    }
  }

  @Override
  public MigrationProgress progress(MigrationProgress before) {
    return before.withKeyLog(remaining);
  }
}
