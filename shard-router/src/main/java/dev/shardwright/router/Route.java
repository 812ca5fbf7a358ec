package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Region;

/**
 * Where one key is, for people and tools.
 *
 * @param keyspace the keyspace
 * @param region the region whose ring was asked; {@link Region#ALL} in a keyspace without regions
 * @param token the key's place on the ring
 * @param shard the shard that owns the token
 * @param endpoint where reads and writes of that shard go
 * @param epoch the version of the topology that says so
 */
public record Route(
    String keyspace, Region region, long token, ShardId shard, Endpoint endpoint, Epoch epoch) {}
