package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Plans how the shards of one ring get their shares. */
final class Balancing {
  private final RingContent content;
  private final Goal goal;
  private final Map<ShardId, Integer> weights;
  private final RingPlan plan;
  private final SortedMap<Pair, Moving> moving = new TreeMap<>();

  private record Pair(ShardId source, ShardId target) implements Comparable<Pair> {
    private static final Comparator<Pair> ORDER =
        Comparator.comparing(Pair::source).thenComparing(Pair::target);

    @Override
    public int compareTo(Pair other) {
      return ORDER.compare(this, other);
    }
  }

  /** What moves between one pair: of the ring, and pins. */
  private static final class Moving {
    final List<KeyRange> ranges = new ArrayList<>();
    final List<KeyRange> pinned = new ArrayList<>();
  }

  private Balancing(RingContent content, Goal goal, Map<ShardId, Integer> weights, RingPlan plan) {
    this.content = content;
    this.goal = goal;
    this.weights = weights;
    this.plan = plan;
  }

  /**
   * Adds the moves of a ring to its plan.
   *
   * @param weights of the shards that are to have a share; at least one
   * @param virtualNodes how many a shard should have on average
   */
  static void plan(
      RingContent content,
      Goal goal,
      Map<ShardId, Integer> weights,
      int virtualNodes,
      RingPlan plan) {
    Balancing balancing = new Balancing(content, goal, weights, plan);
    if (goal == Goal.TOKENS && content.placement().ring() instanceof HashRing ring) {
      balancing.byTokens(ring, virtualNodes);
    } else {
      balancing.byPieces();
    }
    balancing.addMoves();
  }

  private void byTokens(HashRing ring, int virtualNodes) {
    List<RangeTransfer> transfers = TokenBalance.of(ring, weights, virtualNodes);
    for (RangeTransfer transfer : transfers) {
      between(transfer.source(), transfer.target()).ranges.addAll(transfer.ranges().ranges());
    }
    for (Pin pin : leavingPins()) {
      between(pin.shard(), ownerAfter(ring, transfers, pin.token()))
          .pinned
          .add(KeyRange.of(pin.token()));
    }
  }

  private static ShardId ownerAfter(HashRing ring, List<RangeTransfer> transfers, long token) {
    return transfers.stream()
        .filter(transfer -> transfer.ranges().contains(token))
        .map(RangeTransfer::target)
        .findFirst()
        .orElse(ring.ownerOf(token));
  }

  private void byPieces() {
    List<Piece> pieces = new ArrayList<>(plan.measure().pieces());
    SortedMap<ShardId, Double> fixed = new TreeMap<>();
    for (Pin pin : content.placement().pins().all()) {
      if (weights.containsKey(pin.shard())) {
        fixed.merge(pin.shard(), plan.measure().of(pin), Double::sum);
      }
    }
    List<Piece> pins = new ArrayList<>();
    for (Pin pin : leavingPins()) {
      pins.add(new Piece(KeyRange.of(pin.token()), pin.shard(), plan.measure().of(pin), false));
    }
    pieces.addAll(pins);
    SortedMap<ShardId, Double> targets = Targets.of(weights, plan.total(), pieces, fixed);
    for (Leveling.Assignment move : Leveling.of(pieces, fixed, targets)) {
      Moving between = between(move.piece().owner(), move.target());
      (pins.contains(move.piece()) ? between.pinned : between.ranges).add(move.piece().range());
    }
  }

  private List<Pin> leavingPins() {
    return content.placement().pins().all().stream()
        .filter(pin -> !weights.containsKey(pin.shard()))
        .toList();
  }

  private Moving between(ShardId source, ShardId target) {
    return moving.computeIfAbsent(new Pair(source, target), pair -> new Moving());
  }

  /** What goes between two shards, and how much that is. */
  private record Amount(Pair pair, Moving what, double measured) {}

  private double amount(Moving what) {
    return plan.measure().of(KeyRangeSet.of(what.ranges).union(KeyRangeSet.of(what.pinned)));
  }

  /** The largest first: it gains most. */
  private void addMoves() {
    moving.entrySet().stream()
        .map(entry -> new Amount(entry.getKey(), entry.getValue(), amount(entry.getValue())))
        .sorted(Comparator.comparing(Amount::measured).reversed().thenComparing(Amount::pair))
        .forEach(
            amount ->
                plan.move(
                    amount.pair.source,
                    amount.pair.target,
                    KeyRangeSet.of(amount.what.ranges),
                    KeyRangeSet.of(amount.what.pinned),
                    ""));
    if (goal != Goal.TOKENS && goal.of(content.total()) == 0) {
      plan.cannot("no %s were measured here, tokens are made even instead".formatted(goal.word()));
    }
    plan.explainWhatIsLeft();
  }
}
