package dev.shardwright.router.internal.sql.destination;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.util.List;
import java.util.SortedSet;

/** Where a statement with these parameters goes, under one snapshot of the topology. */
public sealed interface Destination {
  /**
   * To the shard that owns all keys that the statement is about: the text goes there untouched.
   *
   * @param keyspace of the keys; without keys, the first that the statement is about, or empty
   * @param keys all of them owned by that shard; empty if the statement does not name its keys one
   *     by one, but that shard happens to own all that it is about: then ask again when the
   *     topology changes
   */
  record OneShard(String keyspace, Region region, ShardId shard, List<Object> keys)
      implements Destination {}

  /** To the shard that holds a keyspace of strategy {@code SINGLE}: untouched. */
  record SingleKeyspace(String keyspace, Region region) implements Destination {}

  /**
   * To any shard, untouched: the statement has no tables, or reads reference tables only, or no row
   * can meet its conditions.
   */
  record AnyShard() implements Destination {}

  /**
   * To several shards.
   *
   * @param shards two at least, those that may hold rows the statement is about
   */
  record SeveralShards(SortedSet<ShardId> shards) implements Destination {}
}
