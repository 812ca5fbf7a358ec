package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.RowOrder;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;

/** How far each lane of a table is known to have come. Thread-safe. */
final class Lanes {
  private final RowOrder order;
  private final ConcurrentMap<Integer, Lane> lanes = new ConcurrentHashMap<>();

  /**
   * Lanes that go through the rows in this order.
   *
   * @param lanes none if the copy has not begun
   */
  Lanes(RowOrder order, Collection<Lane> lanes) {
    this.order = order;
    lanes.forEach(this::put);
  }

  /** Lanes that begin, one for each part. */
  static Lanes start(RowOrder order, List<KeyWindow> parts) {
    return new Lanes(
        order,
        IntStream.range(0, parts.size()).mapToObj(i -> Lane.start(i, parts.get(i))).toList());
  }

  RowOrder order() {
    return order;
  }

  /** All of them, in order. */
  List<Lane> all() {
    return lanes.values().stream().sorted(Comparator.comparingInt(Lane::number)).toList();
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
