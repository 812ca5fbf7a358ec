package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The moves of one ring as they are being planned, and what each leads to. Not thread-safe. */
final class RingPlan {
  /** How far above its share a shard may stay without a word. */
  private static final double BALANCED = 1.05;

  private final RingContent content;
  private final Goal goal;
  private final KeyRangeSet busy;
  private final PlanOptions options;
  private final Measure measure;
  private final SortedMap<ShardId, Double> amounts;
  private final SortedMap<ShardId, Double> shares;
  private final double total;
  private final double skewBefore;
  private final List<PlannedMove> moves = new ArrayList<>();
  private final List<String> unbalanced = new ArrayList<>();
  private Optional<Pin> pinned = Optional.empty();

  /** Where tokens are before the first move, and once more at the end. */
  private Placement before;

  private @Nullable Placement after;

  /**
   * @param weights of the shards that are to have a share
   * @param busy tokens that a move in progress has; they stay where they are
   */
  RingPlan(
      RingContent content,
      Goal goal,
      Map<ShardId, Integer> weights,
      KeyRangeSet busy,
      PlanOptions options) {
    this.content = content;
    this.goal = goal;
    this.busy = busy;
    this.options = options;
    this.measure = new Measure(content, goal);
    this.amounts = measure.byShard();
    this.total = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
    this.shares = Targets.shares(weights, total);
    this.before = content.placement();
    this.skewBefore = skew();
  }

  Measure measure() {
    return measure;
  }

  double total() {
    return total;
  }

  /** Whether a move in progress has the token. */
  boolean isBusy(long token) {
    return busy.contains(token);
  }

  /** Makes a key a pin where it is, unless it is one. */
  void pin(String key, long token) {
    if (before.pins().ownerOf(token) == null) {
      before = before.pinInPlace(key, token);
      pinned = Optional.of(new Pin(key, token, before.ownerOf(token)));
    }
  }

  /**
   * Adds the moves between one pair of shards.
   *
   * @param ranges what the ring gives away, whoever has the pinned tokens in it; these stay
   * @param pins pinned tokens that move too
   * @param reason why, in words; empty if evenness is the reason
   */
  void move(ShardId source, ShardId target, KeyRangeSet ranges, KeyRangeSet pins, String reason) {
    KeyRangeSet all = tokensOf(before.pins().all());
    KeyRangeSet wanted = ranges.minus(all).union(pins);
    KeyRangeSet owned = wanted.minus(busy);
    if (!owned.equals(wanted)) {
      cannot(
          "%s keeps %s, wanted on %s, until the range move in progress there is done"
              .formatted(source, text(wanted.intersection(busy)), target));
    }
    if (owned.isEmpty()) {
      return;
    }
    // Pinned tokens stay in: a part that ended at one would take a part of a grid step.
    KeyRangeSet whole = ranges.union(pins).minus(busy.minus(all));
    List<KeyRangeSet> parts = Parts.of(whole, before, measure, options.mostBytesPerMove());
    for (int i = 0; i < parts.size(); i++) {
      KeyRangeSet part = parts.get(i).intersection(owned);
      if (!part.isEmpty()) {
        String place = parts.size() == 1 ? "" : " (part %d of %d)".formatted(i + 1, parts.size());
        add(new RangeTransfer(source, target, part), reason, place);
      }
    }
  }

  private void add(RangeTransfer transfer, String reason, String place) {
    double before = skew();
    String was = reason.isEmpty() ? fullness(transfer.source(), transfer.target()) : reason;
    double amount = measure.of(transfer.ranges());
    amounts.merge(transfer.source(), -amount, Double::sum);
    amounts.merge(transfer.target(), amount, Double::sum);
    String why = reason.isEmpty() ? was + "; then " + result(transfer) : reason;
    Volume volume = measure.volumeOf(transfer.ranges());
    Duration estimate = Duration.ofMillis(millis(volume.bytes()));
    moves.add(
        new PlannedMove(content.id(), transfer, why + place, before, skew(), volume, estimate));
  }

  /** Where tokens are after all moves. */
  private Placement after() {
    Placement reached = after;
    if (reached == null) {
      reached = before.transfer(moves.stream().map(PlannedMove::transfer).toList());
      after = reached;
    }
    return reached;
  }

  private long millis(long bytes) {
    return Math.round(bytes * 1_000.0 / options.bytesPerSecond());
  }

  private String fullness(ShardId source, ShardId target) {
    return source(source)
        + ", %s has %s".formatted(target, times(target))
        + (shares.containsKey(source) ? "" : " its share of %s".formatted(goal.word()));
  }

  private String source(ShardId source) {
    return shares.containsKey(source)
        ? "%s has %s its share of %s".formatted(source, times(source), goal.word())
        : "%s is to be empty".formatted(source);
  }

  private String result(RangeTransfer transfer) {
    return shares.containsKey(transfer.source())
        ? times(transfer.source()) + " and " + times(transfer.target())
        : times(transfer.target());
  }

  private String times(ShardId shard) {
    double fullness = amounts.getOrDefault(shard, 0.0) / shares.getOrDefault(shard, total);
    return String.format(Locale.ROOT, "%.3f times", Math.max(0, fullness));
  }

  void cannot(String reason) {
    unbalanced.add(reason);
  }

  /** Says of each shard that stays too full what on it cannot be divided. */
  void explainWhatIsLeft() {
    List<Piece> indivisible =
        measure.pieces().stream().filter(piece -> !piece.divisible()).toList();
    for (Map.Entry<ShardId, Double> share : shares.entrySet()) {
      double fullness = amounts.getOrDefault(share.getKey(), 0.0) / share.getValue();
      if (fullness > BALANCED) {
        unbalanced.add(explain(share.getKey(), share.getValue(), fullness, indivisible));
      }
    }
  }

  private String explain(ShardId shard, double share, double fullness, List<Piece> indivisible) {
    String name = "";
    double most = 0;
    for (Piece piece : indivisible) {
      if (after().ring().ownerOf(piece.range().first()).equals(shard) && piece.amount() > most) {
        most = piece.amount();
        name = measure.nameOf(piece.range());
      }
    }
    for (Pin pin : after().pins().all()) {
      if (pin.shard().equals(shard) && measure.of(pin) > most) {
        most = measure.of(pin);
        name = "key '%s' (token %s), pinned there,".formatted(pin.key(), pin.token());
      }
    }
    String stays =
        String.format(
            Locale.ROOT, "%s stays at %.3f times its share of %s", shard, fullness, goal.word());
    if (most == 0) {
      return stays;
    }
    String alone =
        most > share
            ? "%s: %s alone exceeds it, with %.1f %% of all where %.1f %% is its share"
            : "%s: the most that cannot be divided is %s, with %.1f %% of all where %.1f %% is its"
                + " share";
    return String.format(Locale.ROOT, alone, stays, name, 100 * most / total, 100 * share / total);
  }

  List<PlannedMove> moves() {
    return moves;
  }

  PlannedRing ring() {
    SortedSet<ShardId> notEmptied = new TreeSet<>(after().owners());
    notEmptied.removeAll(shares.keySet());
    return new PlannedRing(
        content.id(), goal, skewBefore, skew(), pinned, after(), notEmptied, unbalanced);
  }

  private double skew() {
    double max = shares.isEmpty() ? 1 : 0;
    for (Map.Entry<ShardId, Double> share : shares.entrySet()) {
      max = Math.max(max, amounts.getOrDefault(share.getKey(), 0.0) / share.getValue());
    }
    return max;
  }

  private static String text(KeyRangeSet tokens) {
    int ranges = tokens.ranges().size();
    return ranges == 1 ? "key range " + tokens.ranges().get(0) : ranges + " key ranges";
  }

  private static KeyRangeSet tokensOf(List<Pin> pins) {
    return KeyRangeSet.of(pins.stream().map(pin -> KeyRange.of(pin.token())).toList());
  }
}
