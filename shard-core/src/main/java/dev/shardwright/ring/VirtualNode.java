package dev.shardwright.ring;

/**
 * One span of the ring between two neighbouring boundaries, owned by one shard.
 *
 * @param range the tokens of the span
 * @param owner the shard that holds the rows of these tokens
 */
public record VirtualNode(KeyRange range, ShardId owner) {}
