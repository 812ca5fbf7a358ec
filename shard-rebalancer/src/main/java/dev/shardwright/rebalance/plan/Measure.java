package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Ring;
import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much any set of tokens has, in the unit of a goal. Within a virtual node all but heavy keys
 * is taken to be spread evenly.
 *
 * <p>Every token counts for a very little by itself, on a RANGE ring every virtual node: so what is
 * empty is dealt out evenly too, and a ring that was not measured is balanced by tokens.
 */
final class Measure {
  /** How much all tokens of a ring count for beside what is on them. */
  private static final double BY_ITSELF = 1e-5;

  private final RingContent content;
  private final Goal goal;
  private final Ring ring;
  private final boolean hashed;

  /** By token. */
  private final NavigableMap<Long, List<HeavyKey>> heavy = new TreeMap<>();

  /** Per virtual node, what is not of heavy keys. */
  private final double[] spread;

  private final Volume[] spreadVolume;

  Measure(RingContent content, Goal goal) {
    this.content = content;
    this.goal = goal;
    this.ring = content.placement().ring();
    this.hashed = ring instanceof HashRing;
    this.spread = new double[ring.size()];
    this.spreadVolume = content.virtualNodes().toArray(Volume[]::new);
    for (HeavyKey key : content.heavyKeys()) {
      if (content.placement().pins().ownerOf(key.token()) == null) {
        heavy.computeIfAbsent(key.token(), token -> new ArrayList<>()).add(key);
        int node = ring.indexOf(key.token());
        spreadVolume[node] = spreadVolume[node].minus(key.volume());
      }
    }
    long total = goal.of(content.total());
    double byItself = total == 0 ? 1 : total * BY_ITSELF;
    for (int i = 0; i < spread.length; i++) {
      double part = hashed ? Tokens.in(ring.virtualNode(i).range()) / 0x1p64 : 1.0 / ring.size();
      spread[i] = goal.of(spreadVolume[i]) + byItself * part;
    }
  }

  /** What the tokens of the range have that are not pinned. */
  double of(KeyRange range) {
    double amount = 0;
    for (int i = ring.indexOf(range.first()); i <= ring.indexOf(range.last()); i++) {
      amount += spread[i] * partOf(i, range);
    }
    for (HeavyKey key : heavyIn(range)) {
      amount += goal.of(key.volume());
    }
    return amount;
  }

  double of(Pin pin) {
    return goal.of(content.of(pin));
  }

  /** What these tokens have, pinned ones among them. */
  double of(KeyRangeSet tokens) {
    double amount = tokens.ranges().stream().mapToDouble(this::of).sum();
    for (Pin pin : content.placement().pins().all()) {
      amount += tokens.contains(pin.token()) ? of(pin) : 0;
    }
    return amount;
  }

  /** Rows, bytes and load of these tokens, pinned ones among them. */
  Volume volumeOf(KeyRangeSet tokens) {
    Volume volume = Volume.NONE;
    for (KeyRange range : tokens.ranges()) {
      for (int i = ring.indexOf(range.first()); i <= ring.indexOf(range.last()); i++) {
        volume = volume.plus(spreadVolume[i].times(partOf(i, range)));
      }
      for (HeavyKey key : heavyIn(range)) {
        volume = volume.plus(key.volume());
      }
    }
    for (Pin pin : content.placement().pins().all()) {
      volume = tokens.contains(pin.token()) ? volume.plus(content.of(pin)) : volume;
    }
    return volume;
  }

  /** What each owner has. */
  SortedMap<ShardId, Double> byShard() {
    SortedMap<ShardId, Double> amounts = new TreeMap<>();
    for (int i = 0; i < ring.size(); i++) {
      amounts.merge(ring.virtualNode(i).owner(), of(ring.virtualNode(i).range()), Double::sum);
    }
    for (Pin pin : content.placement().pins().all()) {
      amounts.merge(pin.shard(), of(pin), Double::sum);
    }
    return amounts;
  }

  /**
   * The virtual nodes as pieces that can move. The grid step of a heavy key is a piece of its own;
   * the other pieces of a HASH ring can be cut.
   */
  List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < ring.size(); i++) {
      KeyRange node = ring.virtualNode(i).range();
      ShardId owner = ring.virtualNode(i).owner();
      if (!hashed) {
        pieces.add(new Piece(node, owner, of(node), false));
        continue;
      }
      KeyRangeSet rest = KeyRangeSet.of(node);
      for (KeyRange step : heavySteps(node)) {
        pieces.add(new Piece(step, owner, of(step), false));
        rest = rest.minus(KeyRangeSet.of(step));
      }
      for (KeyRange range : rest.ranges()) {
        pieces.add(new Piece(range, owner, of(range), Tokens.stepsIn(range) > 1));
      }
    }
    return pieces;
  }

  /** What is in the range, for people: the key that has most of it, if one has. */
  String nameOf(KeyRange range) {
    return heavyIn(range).stream()
        .filter(key -> 2 * goal.of(key.volume()) > of(range))
        .findFirst()
        .map(key -> "key '%s' (token %s)".formatted(key.key(), key.token()))
        .orElse("virtual node " + range);
  }

  private List<HeavyKey> heavyIn(KeyRange range) {
    return heavy.subMap(range.first(), true, range.last(), true).values().stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<KeyRange> heavySteps(KeyRange node) {
    return heavyIn(node).stream()
        .filter(key -> goal.of(key.volume()) > 0)
        .map(key -> Tokens.stepOf(key.token()))
        .distinct()
        .toList();
  }

  private double partOf(int node, KeyRange range) {
    KeyRange all = ring.virtualNode(node).range();
    return Tokens.in(Tokens.common(all, range)) / Tokens.in(all);
  }
}
