package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.OwnerRow;
import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Makes this mover the one that both databases know, and the registers. Done again by each new
 * leader before anything else: it ends the sessions of the one before, and asserts the registers on
 * whatever server is the primary by then.
 */
final class Registering implements Phase {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MoveContext context;

  Registering(MoveContext context) {
    this.context = context;
  }

  @Override
  public boolean work() throws SQLException {
    // What the topology says is true of both sides: each accepts the ranges by its own parity.
    long value = context.topology().move().map(RangeMove::value).orElse(0L);
    for (ShardId shard :
        List.of(context.migration().transfer().target(), context.migration().transfer().source())) {
      try (Connection connection = context.open(shard)) {
        OwnerRow.takeOver(connection, context.mover(), PATIENCE);
        Registers.create(connection, context.mover(), value);
      }
    }
    return true;
  }
}
