package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;

/** A shard could not be sampled; nothing was changed, and it may work later. */
public final class SamplingFailed extends ShardException {
  SamplingFailed(ShardId shard, String what, Exception cause) {
    super("sampling %s on shard %s failed: %s".formatted(what, shard, cause.getMessage()), cause);
  }
}
