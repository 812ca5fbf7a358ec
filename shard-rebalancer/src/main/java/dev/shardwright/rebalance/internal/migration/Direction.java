package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.RangeMove;

/** Which way rows are copied. */
public enum Direction {
  /** From the source to the target. */
  FORWARD,
  /** From the target back to the source: a rollback. */
  BACK;

  /** The shard whose rows are copied. */
  public ShardId from(RangeMove move) {
    return this == FORWARD ? move.source() : move.target();
  }

  /** The shard that the rows are copied to. */
  public ShardId to(RangeMove move) {
    return this == FORWARD ? move.target() : move.source();
  }

  /** The shard whose rows are copied. */
  public ShardId from(RangeTransfer transfer) {
    return this == FORWARD ? transfer.source() : transfer.target();
  }

  /** The shard that the rows are copied to. */
  public ShardId to(RangeTransfer transfer) {
    return this == FORWARD ? transfer.target() : transfer.source();
  }

  /** Whether the ranges are where this direction leads. */
  public boolean hasArrived(RangeMove move) {
    return move.owner().equals(to(move));
  }
}
