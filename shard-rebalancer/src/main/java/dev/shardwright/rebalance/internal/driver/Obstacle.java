package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.ShardException;
import dev.shardwright.rebalance.internal.copy.LastingConflict;
import dev.shardwright.rebalance.internal.copy.RowsDiffer;
import dev.shardwright.rebalance.internal.cutover.DefinitionChanged;
import org.jspecify.annotations.Nullable;

/** Why a migration cannot go on, however often it is tried. */
public final class Obstacle extends ShardException {
  Obstacle(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What that failure says. */
  static Obstacle of(ShardException failure) {
    return new Obstacle(String.valueOf(failure.getMessage()), failure);
  }

  /** Whether tables or rows are not what they were when they were compared. */
  boolean outdatesComparison() {
    return getCause() instanceof DefinitionChanged
        || getCause() instanceof RowsDiffer
        || getCause() instanceof LastingConflict;
  }
}
