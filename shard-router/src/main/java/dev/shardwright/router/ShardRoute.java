package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.pool.EndpointPool;

/**
 * The way to one shard for the work of one keyspace.
 *
 * @param shard the shard
 * @param pool the connections to its primary
 * @param timers where the work is recorded
 */
record ShardRoute(ShardId shard, EndpointPool pool, StatementTimers timers) {}
