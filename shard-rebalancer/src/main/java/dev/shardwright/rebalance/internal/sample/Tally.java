package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds up what tables have on shards. What a shard has of tokens that it does not own, copies and
 * left-overs of range moves, does not count. Not thread-safe.
 */
final class Tally {
  private final RingId id;
  private final Placement placement;
  private final Volume[] virtualNodes;
  private final SortedMap<Long, Volume> pinned = new TreeMap<>();
  private final SortedMap<Long, HeavyKey> heavyKeys = new TreeMap<>();

  Tally(RingId id, Placement placement) {
    this.id = id;
    this.placement = placement;
    this.virtualNodes = new Volume[placement.ring().size()];
    Arrays.fill(virtualNodes, Volume.NONE);
  }

  Placement placement() {
    return placement;
  }

  void addToVirtualNode(ShardId shard, int index, Volume volume) {
    if (placement.ring().virtualNode(index).owner().equals(shard)) {
      virtualNodes[index] = virtualNodes[index].plus(volume);
    }
  }

  void addToPin(ShardId shard, long token, Volume volume) {
    if (shard.equals(placement.pins().ownerOf(token))) {
      pinned.merge(token, volume, Volume::plus);
    }
  }

  void addHeavy(ShardId shard, HeavyKey key) {
    if (placement.ownerOf(key.token()).equals(shard)) {
      heavyKeys.merge(
          key.token(),
          key,
          (one, other) -> new HeavyKey(one.key(), one.token(), one.volume().plus(other.volume())));
    }
  }

  RingContent content() {
    return new RingContent(
        id, placement, List.of(virtualNodes), pinned, List.copyOf(heavyKeys.values()));
  }
}
