package dev.shardwright.rebalance;

import dev.shardwright.ShardException;

/** What was asked of a migration is not possible as it is now. */
public final class SteeringRefused extends ShardException {
  SteeringRefused(String message) {
    super(message, null);
  }
}
