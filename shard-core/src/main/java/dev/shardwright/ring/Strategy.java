package dev.shardwright.ring;

/** How a keyspace turns sharding keys into tokens. */
public enum Strategy {
  /** By PostgreSQL's own extended hash of the key: even, unordered. */
  HASH,
  /** By the key itself: ordered, so that ranges of keys stay together. */
  RANGE,
  /** No key: ordinary unsharded tables, all on one shard. */
  SINGLE
}
