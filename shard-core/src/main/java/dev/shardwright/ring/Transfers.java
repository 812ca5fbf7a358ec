package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A placement that is being changed by transfers, one after the other: what of it the ring says,
 * and what the pins. A transfer takes time for what moves, not for the size of the ring. Not
 * thread-safe.
 *
 * <p>A pinned token follows its pin, so the ring may say anything about it. Where the tokens around
 * one move, the ring gives it away with them: a pin in the midst of a moved range neither breaks
 * the range nor takes a HASH ring off its grid.
 */
final class Transfers {
  private final boolean hashed;

  /** By the first token of each virtual node. */
  private final NavigableMap<Long, ShardId> owners = new TreeMap<>();

  /** By token. */
  private final NavigableMap<Long, Pin> pins = new TreeMap<>();

  private Transfers(Placement placement) {
    this.hashed = placement.ring() instanceof HashRing;
    placement.ring().virtualNodes().forEach(node -> owners.put(node.range().first(), node.owner()));
    placement.pins().all().forEach(pin -> pins.put(pin.token(), pin));
  }

  /**
   * The placement afterwards.
   *
   * @throws IllegalArgumentException if a source has not all tokens of its transfer by then, or a
   *     range is off the grid
   */
  static Placement after(Placement placement, List<RangeTransfer> transfers) {
    Transfers changed = new Transfers(placement);
    transfers.forEach(changed::carryOut);
    return changed.placement();
  }

  private Placement placement() {
    List<VirtualNode> nodes = parts(KeyRange.ALL);
    Ring ring = hashed ? HashRing.of(nodes) : RangeRing.of(nodes);
    return new Placement(ring, Pins.of(pins.values()));
  }

  private void carryOut(RangeTransfer transfer) {
    KeyRangeSet ranges = transfer.ranges();
    KeyRangeSet foreign = foreign(ranges, transfer.source());
    checkArgument(
        foreign.isEmpty(),
        "shard %s cannot give away %s, which belong to others",
        transfer.source(),
        foreign);
    List<Pin> moving = pinsIn(ranges);
    KeyRangeSet free = ranges.minus(tokensOf(moving));
    KeyRangeSet closed = ranges.union(pinnedOnRingOf(transfer.source()));
    KeyRangeSet byRing = hashed ? wholeGridSteps(closed) : hulls(ranges, free, closed);
    byRing.ranges().forEach(range -> give(range, transfer.target()));
    moving.forEach(pin -> pin(pin.key(), pin.token(), transfer.target()));
    free.minus(byRing).ranges().forEach(range -> pinOffTheGrid(range, transfer.target()));
  }

  private KeyRangeSet foreign(KeyRangeSet ranges, ShardId source) {
    List<KeyRange> foreign = new ArrayList<>();
    for (KeyRange range : ranges.ranges()) {
      for (VirtualNode part : parts(range)) {
        if (!part.owner().equals(source)) {
          foreign.add(part.range());
        }
      }
    }
    List<Pin> within = pinsIn(ranges);
    List<Pin> others = within.stream().filter(pin -> !pin.shard().equals(source)).toList();
    return KeyRangeSet.of(foreign).minus(tokensOf(within)).union(tokensOf(others));
  }

  /** The pinned tokens which the ring gives to that shard, whoever has them. */
  private KeyRangeSet pinnedOnRingOf(ShardId shard) {
    return tokensOf(
        pins.values().stream().filter(pin -> ringOwner(pin.token()).equals(shard)).toList());
  }

  /**
   * The grid steps of which no token stays; there are more tokens in one than there can be pins.
   */
  private static KeyRangeSet wholeGridSteps(KeyRangeSet closed) {
    List<KeyRange> whole = new ArrayList<>();
    for (KeyRange range : closed.ranges()) {
      long first = HashRing.stepOf(range.first());
      long last = HashRing.stepOf(range.last());
      first += range.first() == HashRing.firstTokenOf(first) ? 0 : 1;
      last -= range.last() == HashRing.firstTokenOf(last + 1) - 1 ? 0 : 1;
      if (first <= last) {
        whole.add(new KeyRange(HashRing.firstTokenOf(first), HashRing.firstTokenOf(last + 1) - 1));
      }
    }
    return KeyRangeSet.of(whole);
  }

  /**
   * From the first token that moves to the last, where nothing but pinned ones lies between; and
   * the virtual nodes of which nothing but pinned tokens would stay.
   *
   * @param free those that move and are not pinned
   * @param closed those that move, and the pinned ones which the ring gives to the source
   */
  private KeyRangeSet hulls(KeyRangeSet ranges, KeyRangeSet free, KeyRangeSet closed) {
    List<KeyRange> hulls = new ArrayList<>();
    for (KeyRange range : closed.ranges()) {
      if (!free.intersection(KeyRangeSet.of(range)).isEmpty()) {
        List<KeyRange> moved = ranges.intersection(KeyRangeSet.of(range)).ranges();
        hulls.add(new KeyRange(moved.get(0).first(), moved.get(moved.size() - 1).last()));
        parts(range).stream()
            .map(VirtualNode::range)
            .filter(this::isVirtualNode)
            .filter(node -> !free.intersection(KeyRangeSet.of(node)).isEmpty())
            .forEach(hulls::add);
      }
    }
    return KeyRangeSet.of(hulls);
  }

  private boolean isVirtualNode(KeyRange range) {
    return owners.containsKey(range.first())
        && (range.last() == Long.MAX_VALUE || owners.containsKey(range.last() + 1));
  }

  private void give(KeyRange range, ShardId target) {
    splitAt(range.first());
    if (range.last() != Long.MAX_VALUE) {
      splitAt(range.last() + 1);
    }
    owners.subMap(range.first(), true, range.last(), true).replaceAll((first, owner) -> target);
  }

  private void splitAt(long token) {
    owners.put(token, ringOwner(token));
  }

  private void pinOffTheGrid(KeyRange range, ShardId target) {
    checkArgument(
        range.first() == range.last(),
        "key range %s is neither on the grid of 2^32 tokens nor a single token",
        range);
    pin("token " + range.first(), range.first(), target);
  }

  private void pin(String key, long token, ShardId shard) {
    pins.put(token, new Pin(key, token, shard));
  }

  private ShardId ringOwner(long token) {
    return requireNonNull(owners.floorEntry(token), "the ring has no gap").getValue();
  }

  /** The parts of virtual nodes that lie in the range. */
  private List<VirtualNode> parts(KeyRange range) {
    List<VirtualNode> parts = new ArrayList<>();
    for (long first = range.first(); ; ) {
      Long next = owners.higherKey(first);
      long last = next == null || next > range.last() ? range.last() : next - 1;
      parts.add(new VirtualNode(new KeyRange(first, last), ringOwner(first)));
      if (last == range.last()) {
        return parts;
      }
      first = last + 1;
    }
  }

  private List<Pin> pinsIn(KeyRangeSet ranges) {
    List<Pin> within = new ArrayList<>();
    for (KeyRange range : ranges.ranges()) {
      within.addAll(pins.subMap(range.first(), true, range.last(), true).values());
    }
    return within;
  }

  private static KeyRangeSet tokensOf(List<Pin> pins) {
    return KeyRangeSet.of(pins.stream().map(pin -> KeyRange.of(pin.token())).toList());
  }
}
