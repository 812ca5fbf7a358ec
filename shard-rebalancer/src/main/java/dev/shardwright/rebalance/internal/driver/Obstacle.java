package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.ShardException;
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
}
