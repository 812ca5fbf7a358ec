package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.util.Optional;

/** Pins a key to the shard that it is on, which moves nothing. */
public final class Pinning {
  private static final int ATTEMPTS = 50;

  private Pinning() {}

  /**
   * Pins it, unless it is pinned.
   *
   * @return whether it is pinned to that shard now; not if it is on another one, or moves
   * @throws TopologyUnavailable if the store gives no answer in time
   */
  public static boolean pin(TopologyStore store, RingId ring, Pin pin) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Topology current = store.read();
      Optional<KeyspaceTopology> keyspace =
          current
              .keyspace(ring.keyspace())
              .filter(found -> found.placements().containsKey(ring.region()));
      if (keyspace.isEmpty()) {
        return false;
      }
      Placement placement = keyspace.get().placement(ring.region());
      if (isMoving(current, ring, pin) || !placement.ownerOf(pin.token()).equals(pin.shard())) {
        return false;
      }
      Placement pinned = placement.pinInPlace(pin.key(), pin.token());
      Topology next =
          current.next().withKeyspace(keyspace.get().withPlacement(ring.region(), pinned));
      if (pinned.equals(placement) || store.compareAndSet(next) instanceof CompareAndSet.Applied) {
        return true;
      }
    }
    throw new TopologyUnavailable(
        "key '%s' is not pinned: others changed the topology %d times in a row"
            .formatted(pin.key(), ATTEMPTS),
        null);
  }

  private static boolean isMoving(Topology topology, RingId ring, Pin pin) {
    return topology.moves().values().stream()
        .filter(move -> new RingId(move.keyspace(), move.region()).equals(ring))
        .anyMatch(move -> move.ranges().contains(pin.token()));
  }
}
