package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.copy.RowsRefused;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.watch.MigrationProgress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Copies again what was written meanwhile, until the key logs were read to their ends. */
final class CatchingUp implements Phase {
  /**
   * So long one log is drained before the next gets its turn, and the desired state is looked at.
   */
  private static final Duration TURN = Duration.ofMillis(500);

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
    try {
      return drain();
    } catch (LastingConflict | RowsDiffer e) {
      throw Obstacle.of(e);
    } catch (RowsRefused e) {
      AlikeTables.explain(context, direction, e);
      throw Obstacle.of(e);
    } catch (SQLException e) {
      AlikeTables.explain(context, direction, e);
      throw e;
    }
  }

  private boolean drain() throws SQLException, InterruptedException {
    try (Connection from = context.open(context.from(direction));
        Connection to = context.open(context.to(direction))) {
      remaining = 0;
      for (KeyLogDrain drain : context.drains(context.tables(from, direction))) {
        remaining += drain.drainFor(TURN, from, to, throttle).remaining();
      }
      return remaining == 0;
    }
  }

  @Override
  public MigrationProgress progress(MigrationProgress before) {
    return before.withKeyLog(remaining);
  }
}
