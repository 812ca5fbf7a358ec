package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.copy.Drained;
import dev.shardwright.rebalance.internal.copy.KeyLogDrain;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.throttle.Throttle;
import dev.shardwright.rebalance.watch.MigrationProgress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Copies again what was written meanwhile, until the key logs were read to their ends. */
final class CatchingUp implements Phase {
  /**
   * So long one log is drained before the next gets its turn, and the desired state is looked at.
   */
  private static final Duration TURN = Duration.ofMillis(500);

  private final MoveContext context;
  private final Direction direction;
  private final Throttle throttle;
  private final Optional<String> definitions;
  private long remaining;

  /**
   * Has copied nothing yet.
   *
   * @param definitions what the tables have to look like; empty for whatever they look like
   */
  CatchingUp(
      MoveContext context, Direction direction, Throttle throttle, Optional<String> definitions) {
    this.context = context;
    this.direction = direction;
    this.throttle = throttle;
    this.definitions = definitions;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    try (Connection from = context.open(context.from(direction));
        Connection to = context.open(context.to(direction))) {
      List<MovingTable> tables = context.tables(from);
      if (definitions.isPresent()) {
        DefinitionChanged.check(
            context.from(direction), DefinitionDigest.read(from, tables), definitions.get());
        DefinitionChanged.check(
            context.to(direction), DefinitionDigest.read(to, tables), definitions.get());
      }
      List<KeyLogDrain> drains = context.drains(tables);
      remaining = 0;
      for (KeyLogDrain drain : drains) {
        remaining += drainForATurn(drain, from, to).remaining();
      }
      return remaining == 0;
    } catch (LastingConflict | RowsDiffer | DefinitionChanged e) {
      throw Obstacle.of(e);
    }
  }

  private Drained drainForATurn(KeyLogDrain drain, Connection from, Connection to)
      throws SQLException, InterruptedException {
    long began = System.nanoTime();
    Drained drained;
    do {
      throttle.await();
      drained = drain.drain(from, to);
    } while (drained.remaining() > 0 && System.nanoTime() - began < TURN.toNanos());
    return drained;
  }

  @Override
  public MigrationProgress progress(MigrationProgress before) {
    return before.withKeyLog(remaining);
  }
}
