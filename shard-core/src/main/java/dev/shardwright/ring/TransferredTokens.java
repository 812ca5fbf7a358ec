package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * A placement after a transfer: what of it the ring says, and what the pins.
 *
 * <p>A pinned token follows its pin, so the ring may say anything about it. Where the tokens around
 * one move, the ring gives it away with them: a pin in the midst of a moved range neither breaks
 * the range nor takes a HASH ring off its grid.
 */
final class TransferredTokens {
  private final Placement placement;
  private final RangeTransfer transfer;

  /** The tokens that move and are not pinned. */
  private final KeyRangeSet free;

  /** The tokens that move, and the pinned ones which the ring gives to the source. */
  private final KeyRangeSet closed;

  /**
   * @throws IllegalArgumentException if the source has not all tokens of the transfer
   */
  TransferredTokens(Placement placement, RangeTransfer transfer) {
    KeyRangeSet foreign = transfer.ranges().minus(placement.rangesOf(transfer.source()));
    checkArgument(
        foreign.isEmpty(),
        "shard %s cannot give away %s, which belong to others",
        transfer.source(),
        foreign);
    this.placement = placement;
    this.transfer = transfer;
    KeyRangeSet pinned = tokensOf(placement.pins().all());
    this.free = transfer.ranges().minus(pinned);
    this.closed =
        transfer.ranges().union(pinned.intersection(placement.ring().rangesOf(transfer.source())));
  }

  /** The placement afterwards. */
  Placement placement() {
    KeyRangeSet byRing = placement.ring() instanceof HashRing ? wholeGridSteps() : hulls();
    List<VirtualNode> nodes = virtualNodes(byRing);
    Ring ring = placement.ring() instanceof HashRing ? HashRing.of(nodes) : RangeRing.of(nodes);
    return new Placement(ring, pins(free.minus(byRing)));
  }

  /**
   * The grid steps of which no token stays; there are more tokens in one than there can be pins.
   */
  private KeyRangeSet wholeGridSteps() {
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
   */
  private KeyRangeSet hulls() {
    List<KeyRange> hulls = new ArrayList<>();
    for (KeyRange range : closed.ranges()) {
      KeyRangeSet within = KeyRangeSet.of(range);
      if (!free.intersection(within).isEmpty()) {
        List<KeyRange> moved = transfer.ranges().intersection(within).ranges();
        hulls.add(new KeyRange(moved.get(0).first(), moved.get(moved.size() - 1).last()));
      }
    }
    for (VirtualNode node : placement.ring().virtualNodes()) {
      KeyRangeSet tokens = KeyRangeSet.of(node.range());
      if (tokens.minus(closed).isEmpty() && !tokens.intersection(free).isEmpty()) {
        hulls.add(node.range());
      }
    }
    return KeyRangeSet.of(hulls);
  }

  private List<VirtualNode> virtualNodes(KeyRangeSet moved) {
    List<VirtualNode> nodes = new ArrayList<>();
    int next = 0;
    for (VirtualNode node : placement.ring().virtualNodes()) {
      long first = node.range().first();
      while (next < moved.ranges().size()
          && moved.ranges().get(next).first() <= node.range().last()) {
        KeyRange range = moved.ranges().get(next);
        if (first < range.first()) {
          nodes.add(new VirtualNode(new KeyRange(first, range.first() - 1), node.owner()));
          first = range.first();
        }
        long last = Math.min(range.last(), node.range().last());
        nodes.add(new VirtualNode(new KeyRange(first, last), transfer.target()));
        first = last + 1;
        if (range.last() > node.range().last() || last == Long.MAX_VALUE) {
          break;
        }
        next++;
      }
      boolean left = nodes.isEmpty() || last(nodes) != node.range().last();
      if (left) {
        nodes.add(new VirtualNode(new KeyRange(first, node.range().last()), node.owner()));
      }
    }
    return nodes;
  }

  private static long last(List<VirtualNode> nodes) {
    return nodes.get(nodes.size() - 1).range().last();
  }

  private Pins pins(KeyRangeSet offTheGrid) {
    List<Pin> pins = new ArrayList<>();
    for (Pin pin : placement.pins().all()) {
      boolean moves = transfer.ranges().contains(pin.token());
      pins.add(moves ? new Pin(pin.key(), pin.token(), transfer.target()) : pin);
    }
    for (KeyRange range : offTheGrid.ranges()) {
      checkArgument(
          range.first() == range.last(),
          "key range %s is neither on the grid of 2^32 tokens nor a single token",
          range);
      pins.add(new Pin("token " + range.first(), range.first(), transfer.target()));
    }
    return Pins.of(pins);
  }

  private static KeyRangeSet tokensOf(List<Pin> pins) {
    return KeyRangeSet.of(pins.stream().map(pin -> KeyRange.of(pin.token())).toList());
  }
}
