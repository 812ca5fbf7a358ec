package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.capture.Registers;
import dev.shardwright.topology.RangeMove;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Ends a hold that is in force, opens the source again where it was fenced, and removes what was
 * made.
 */
final class Aborting implements Phase {
  private final MoveContext context;
  private final CleaningUp cleaningUp;

  Aborting(MoveContext context, CleaningUp cleaningUp) {
    this.context = context;
    this.cleaningUp = cleaningUp;
  }

  @Override
  public boolean work() throws SQLException, InterruptedException {
    Optional<RangeMove> move = context.topology().move();
    if (move.isPresent()) {
      RangeMove now = move.get();
      if (now.held()) {
        context.topology().giveUp(now);
        return false;
      }
      if (!RangeMove.isWithSource(now.value())) {
        // A COMMIT whose answer was lost: whoever committed may be gone before the opening.
        try (Connection target = context.open(now.target())) {
          Registers.advance(target, now.number(), now.value());
        }
        return false;
      }
      try (Connection source = context.open(now.source())) {
        Registers.advance(source, now.number(), now.value());
      }
    }
    return cleaningUp.work();
  }

  @Override
  public Optional<String> waitsFor() {
    return cleaningUp.waitsFor();
  }
}
