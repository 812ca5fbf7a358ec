package dev.shardwright.router.internal.sql.write;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * A write to several shards, shard by shard. Not atomic: a shard may fail when others are done.
 *
 * @param writes one for each shard, in the order of the shards; at least one
 * @param replicated whether each shard changes its copy of the same rows, so that any of the update
 *     counts and of the returned rows are the statement's; else they are taken together
 */
public record WritePlan(List<ShardWrite> writes, boolean replicated) {
  public WritePlan {
    writes = List.copyOf(writes);
    checkArgument(!writes.isEmpty(), "a write plan without writes");
  }
}
