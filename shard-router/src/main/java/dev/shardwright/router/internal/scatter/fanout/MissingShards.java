package dev.shardwright.router.internal.scatter.fanout;

/** What to do if a shard fails. */
public enum MissingShards {
  /** The query fails. */
  FAIL,
  /** The answer is that of the other shards, and names those that are missing. */
  NAME
}
