package dev.shardwright.rebalance.plan;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is where on one ring.
 *
 * @param id which ring
 * @param placement where its tokens are
 * @param virtualNodes the volume of each virtual node, in their order; without pinned tokens
 * @param pinned the volume of pinned tokens, as far as they have any
 * @param heavyKeys keys that count alone; in the order of tokens
 */
public record RingContent(
    RingId id,
    Placement placement,
    List<Volume> virtualNodes,
    SortedMap<Long, Volume> pinned,
    List<HeavyKey> heavyKeys) {

  /**
   * @throws IllegalArgumentException if there is not one volume for each virtual node
   */
  public RingContent {
    virtualNodes = List.copyOf(virtualNodes);
    pinned = ImmutableSortedMap.copyOf(pinned);
    heavyKeys =
        heavyKeys.stream()
            .sorted(Comparator.comparingLong(HeavyKey::token).thenComparing(HeavyKey::key))
            .toList();
    checkArgument(
        virtualNodes.size() == placement.ring().size(),
        "ring %s has %s virtual nodes, measured were %s",
        id,
        placement.ring().size(),
        virtualNodes.size());
  }

  /** A ring of which nothing is known but the placement. */
  public static RingContent unmeasured(RingId id, Placement placement) {
    return new RingContent(
        id,
        placement,
        Collections.nCopies(placement.ring().size(), Volume.NONE),
        new TreeMap<>(),
        List.of());
  }

  /** Everything on the ring. */
  public Volume total() {
    Volume total = pinned.values().stream().reduce(Volume.NONE, Volume::plus);
    return virtualNodes.stream().reduce(total, Volume::plus);
  }

  /** This with the load that routers report, whichever virtual nodes they know. */
  public RingContent withLoad(VirtualNodeLoads loads) {
    return LoadSpread.on(this, loads);
  }

  /** What each shard has that owns tokens of the ring. */
  public SortedMap<ShardId, Volume> byShard() {
    SortedMap<ShardId, Volume> volumes = new TreeMap<>();
    for (int i = 0; i < virtualNodes.size(); i++) {
      volumes.merge(placement.ring().virtualNode(i).owner(), virtualNodes.get(i), Volume::plus);
    }
    for (Pin pin : placement.pins().all()) {
      volumes.merge(pin.shard(), of(pin), Volume::plus);
    }
    return volumes;
  }

  /** The volume of a pin; nothing if none was measured. */
  Volume of(Pin pin) {
    return pinned.getOrDefault(pin.token(), Volume.NONE);
  }
}
