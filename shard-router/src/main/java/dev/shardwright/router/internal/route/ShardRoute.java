package dev.shardwright.router.internal.route;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.metrics.StatementTimers;
import dev.shardwright.router.internal.pool.EndpointPool;

/**
 * The way to one shard for the work of one keyspace.
 *
 * @param shard the shard
 * @param pool the connections to its primary
 * @param timers where the work is recorded
 */
public record ShardRoute(ShardId shard, EndpointPool pool, StatementTimers timers) {}
