package dev.shardwright.topology;

/** What may be placed on a shard. */
public enum ShardState {
  /** Takes its share of every ring. */
  ACTIVE,
  /** Serves what it still owns; the next rebalance moves that away. */
  DRAINING
}
