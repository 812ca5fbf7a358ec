package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Counts what waits in the key logs of a migration, where its work does not come to do so. */
final class WaitingWrites {
  private WaitingWrites() {}

  /**
   * About how many writes wait on the shard that logs them.
   *
   * @param context made only if there are logs
   * @return empty in states without logs
   */
  static OptionalLong count(Migration migration, Supplier<MoveContext> context)
      throws SQLException {
    return switch (migration.state()) {
      case COPYING, CATCHING_UP, VERIFYING ->
          OptionalLong.of(count(context.get(), migration.direction()));
      case IN_WINDOW -> OptionalLong.of(count(context.get(), Direction.BACK));
      case PLANNED, REGISTERING, PREPARING, INSTALLING, CLEANING_UP, ABORTING, DONE, ABORTED ->
          OptionalLong.empty();
      case CUTTING_OVER -> OptionalLong.empty(); // the ranges may be closed to all until it goes on
    };
  }

  private static long count(MoveContext context, Direction direction) throws SQLException {
    try (Connection from = context.open(context.from(direction))) {
      long waiting = 0;
      for (KeyLogDrain drain : context.drains(context.tables(from, direction))) {
        waiting += drain.length(from);
      }
      return waiting;
    }
  }
}
