package dev.shardwright.internal.schema;

import dev.shardwright.ring.ShardId;

/**
 * Which shard of which cluster a database is. Its text form is what {@code shardwright.enter}
 * returns.
 *
 * @param cluster the cluster's name
 * @param shard the shard's id
 */
public record DatabaseIdentity(String cluster, ShardId shard) {
  @Override
  public String toString() {
    return cluster + "/" + shard;
  }
}
