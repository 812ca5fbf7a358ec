package dev.shardwright.ring;

/**
 * A single key given to a chosen shard, apart from the ring. A pin works on the token: the rare
 * other key of the same token goes with it, so that every rule about tokens holds for pins too.
 *
 * @param key the key as text, for people
 * @param token the key's token
 * @param shard the shard that holds the rows of this token
 */
public record Pin(String key, long token, ShardId shard) {}
