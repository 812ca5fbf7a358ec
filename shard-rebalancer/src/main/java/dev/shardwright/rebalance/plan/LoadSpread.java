package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.Ring;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.DoubleStream;

/**
 * Lays reported load on the virtual nodes and pins that a ring has now. What is known of other
 * virtual nodes is divided by tokens; what no report names gets the rest, evenly: by tokens on a
 * HASH ring, by virtual nodes on a RANGE ring. Not thread-safe.
 */
final class LoadSpread {
  /** Less than that, of one, is the rounding of a ring that is named as a whole. */
  private static final double NOTHING = 1e-9;

  private final Placement placement;
  private final Ring ring;
  private final double[] loads;

  /** What no report names: a part of each virtual node. */
  private final double[] unnamed;

  private final SortedMap<Long, Long> pinned = new TreeMap<>();

  private LoadSpread(Placement placement) {
    this.placement = placement;
    this.ring = placement.ring();
    this.loads = new double[ring.size()];
    this.unnamed = new double[ring.size()];
  }

  static RingContent on(RingContent content, VirtualNodeLoads reported) {
    LoadSpread spread = new LoadSpread(content.placement());
    spread.addNamed(reported.busiest());
    spread.addRest(reported.rest());
    return spread.content(content);
  }

  private void addNamed(SortedMap<KeyRange, Long> busiest) {
    List<KeyRange> named = new ArrayList<>();
    busiest.forEach(
        (range, load) -> {
          if (isPin(range)) {
            pinned.merge(range.first(), load, Long::sum);
          } else {
            named.add(range);
            eachPart(range, (node, part) -> loads[node] += load * part / Tokens.in(range));
          }
        });
    for (int i = 0; i < unnamed.length; i++) {
      unnamed[i] = Tokens.in(ring.virtualNode(i).range());
    }
    for (KeyRange range : KeyRangeSet.of(named).ranges()) {
      eachPart(range, (node, part) -> unnamed[node] -= part);
    }
  }

  private void addRest(long rest) {
    boolean byTokens = ring instanceof HashRing;
    for (int i = 0; i < unnamed.length; i++) {
      unnamed[i] /= byTokens ? 0x1p64 : Tokens.in(ring.virtualNode(i).range()) * ring.size();
    }
    double all = DoubleStream.of(unnamed).sum();
    for (int i = 0; i < loads.length && all > NOTHING; i++) {
      loads[i] += rest * unnamed[i] / all;
    }
  }

  private boolean isPin(KeyRange range) {
    return range.first() == range.last() && placement.pins().ownerOf(range.first()) != null;
  }

  /** Takes each virtual node that the range has a part of, and how many tokens that is. */
  private void eachPart(KeyRange range, BiConsumer<Integer, Double> taker) {
    int last = ring.indexOf(range.last());
    for (int i = ring.indexOf(range.first()); i <= last; i++) {
      taker.accept(i, Tokens.in(Tokens.common(range, ring.virtualNode(i).range())));
    }
  }

  private RingContent content(RingContent content) {
    List<Volume> nodes = new ArrayList<>();
    for (int i = 0; i < loads.length; i++) {
      nodes.add(content.virtualNodes().get(i).withLoad(Math.round(loads[i])));
    }
    SortedMap<Long, Volume> pins = new TreeMap<>(content.pinned());
    pins.replaceAll((token, volume) -> volume.withLoad(0));
    pinned.forEach((token, load) -> pins.merge(token, new Volume(0, 0, load), Volume::plus));
    return new RingContent(content.id(), placement, nodes, pins, content.heavyKeys());
  }
}
