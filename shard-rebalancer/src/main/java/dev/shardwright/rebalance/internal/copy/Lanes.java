package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.table.KeyWindow;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How far each lane of a table is known to have come. Thread-safe. */
final class Lanes {
  private final ConcurrentMap<Integer, Lane> lanes = new ConcurrentHashMap<>();

  Lanes(Collection<Lane> lanes) {
    lanes.forEach(this::put);
  }

  Lane get(int number) {
    Lane lane = lanes.get(number);
    if (lane == null) {
      throw new IllegalArgumentException("there is no lane " + number);
    }
    return lane;
  }

  /** Takes in what was committed. */
  void put(Lane lane) {
    lanes.put(lane.number(), lane);
  }

  List<Integer> incomplete() {
    return lanes.values().stream().filter(lane -> !lane.complete()).map(Lane::number).toList();
  }

  /** The rows that are on the other side for good. */
  List<KeyWindow> copied() {
    return lanes.values().stream().map(Lane::copied).flatMap(Optional::stream).toList();
  }

  Copied total() {
    Copied total = new Copied(0, 0);
    for (Lane lane : lanes.values()) {
      total = new Copied(total.rows() + lane.rows(), total.bytes() + lane.bytes());
    }
    return total;
  }
}
