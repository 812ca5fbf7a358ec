package dev.shardwright.rebalance.internal.capture;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;

/**
 * A range move as it is installed on one of its shards.
 *
 * @param move the move
 * @param shard its source or its target
 * @param mover who carries it out
 */
public record MoveOnShard(RangeMove move, ShardId shard, MoverIdentity mover) {
  /**
   * @throws IllegalArgumentException if the parts do not belong together
   */
  public MoveOnShard {
    checkArgument(
        move.involves(shard), "shard %s takes no part in range move %s", shard, move.number());
    checkArgument(
        mover.migration() == move.number(),
        "the mover of migration %s cannot carry out range move %s",
        mover.migration(),
        move.number());
  }

  /** The move's number. */
  public int migration() {
    return move.number();
  }

  /** Whether the shard accepts rows of the ranges while the register is even. */
  boolean acceptsEven() {
    return shard.equals(move.source());
  }
}
