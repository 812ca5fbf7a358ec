package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Chooses which pieces go from overfull to underfull shards. What moves goes from a shard with too
 * much to one with too little, once, and never more than that: so little moves. Not thread-safe.
 *
 * <p>In three steps. What shards without a target have goes to those that lack most. Then each
 * overfull shard gives underfull ones whole pieces, largest first, and cuts one piece for the
 * remainder. Last, where pieces cannot be cut, one that is larger than what is to move still goes
 * if the fuller of the two shards is less full after it.
 */
final class Leveling {
  /** A difference of so small a part of the average is not worth a move. */
  private static final double WORTH_MOVING = 0.001;

  private final SortedMap<ShardId, Double> targets;
  private final SortedMap<ShardId, Double> amounts = new TreeMap<>();
  private final SortedMap<ShardId, NavigableSet<Piece>> pieces = new TreeMap<>();
  private final List<Assignment> moved = new ArrayList<>();
  private final double tolerance;

  /**
   * A piece and who gets it.
   *
   * @param piece what moves
   * @param target its new owner
   */
  record Assignment(Piece piece, ShardId target) {}

  private Leveling(
      List<Piece> pieces, Map<ShardId, Double> fixed, SortedMap<ShardId, Double> targets) {
    this.targets = targets;
    targets.keySet().forEach(shard -> amounts.put(shard, 0.0));
    fixed.forEach((shard, amount) -> amounts.merge(shard, amount, Double::sum));
    for (Piece piece : pieces) {
      amounts.merge(piece.owner(), piece.amount(), Double::sum);
      piecesOf(piece.owner()).add(piece);
    }
    double total = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
    this.tolerance = WORTH_MOVING * total / targets.size();
  }

  /**
   * The pieces that should move.
   *
   * @param pieces what can move; of a shard without target, all must
   * @param fixed what shards have beside the pieces
   * @param targets what each shard should have; at least one
   */
  static List<Assignment> of(
      List<Piece> pieces, Map<ShardId, Double> fixed, SortedMap<ShardId, Double> targets) {
    Leveling leveling = new Leveling(pieces, fixed, targets);
    leveling.empty();
    leveling.level();
    leveling.improve();
    return leveling.moved;
  }

  private void empty() {
    List<Piece> leaving = new ArrayList<>();
    pieces.forEach(
        (shard, all) -> {
          if (!targets.containsKey(shard)) {
            leaving.addAll(all);
          }
        });
    leaving.sort(Piece.LARGEST_FIRST);
    for (Piece piece : leaving) {
      place(piece);
    }
  }

  private void place(Piece piece) {
    Piece rest = piece;
    while (true) {
      ShardId taker = neediest();
      double lack = lack(taker);
      long steps = rest.divisible() && lack > tolerance ? rest.stepsWorth(lack) : 0;
      if (steps == 0
          || rest.amount() - lack <= tolerance
          || steps == Tokens.stepsIn(rest.range())) {
        move(rest, taker);
        return;
      }
      piecesOf(rest.owner()).remove(rest);
      piecesOf(rest.owner()).add(rest.first(steps));
      piecesOf(rest.owner()).add(rest.after(steps));
      move(rest.first(steps), taker);
      rest = rest.after(steps);
    }
  }

  private void level() {
    List<ShardId> givers = sorted(Comparator.comparingDouble(shard -> lack(shard)));
    List<ShardId> takers = sorted(Comparator.comparingDouble(shard -> -lack(shard)));
    for (ShardId giver : givers) {
      for (ShardId taker : takers) {
        boolean gave = true;
        while (gave && -lack(giver) > tolerance && lack(taker) > tolerance) {
          gave = give(giver, taker);
        }
      }
    }
  }

  /** Whether there was anything that the one could give. */
  private boolean give(ShardId giver, ShardId taker) {
    boolean gave = false;
    double left = Math.min(-lack(giver), lack(taker));
    for (Piece piece : List.copyOf(piecesOf(giver))) {
      if (piece.amount() <= left) {
        move(piece, taker);
        left -= piece.amount();
        gave = true;
      }
    }
    if (left <= tolerance) {
      return gave;
    }
    for (Piece piece : piecesOf(giver).descendingSet()) {
      long steps = piece.divisible() ? piece.stepsWorth(left) : 0;
      if (steps > 0 && piece.amount() > left) {
        piecesOf(giver).remove(piece);
        piecesOf(giver).add(piece.first(steps));
        piecesOf(giver).add(piece.after(steps));
        move(piece.first(steps), taker);
        return true;
      }
    }
    return gave;
  }

  private void improve() {
    int rounds = pieces.values().stream().mapToInt(NavigableSet::size).sum();
    for (int round = 0; round < rounds && improveOnce(); round++) {}
  }

  private boolean improveOnce() {
    ShardId giver = sorted(Comparator.comparingDouble(shard -> -fullness(shard, 0))).get(0);
    double best = fullness(giver, 0) - WORTH_MOVING;
    Assignment choice = null;
    for (Piece piece : piecesOf(giver)) {
      for (ShardId taker : targets.keySet()) {
        double after = Math.max(fullness(giver, -piece.amount()), fullness(taker, piece.amount()));
        if (!taker.equals(giver) && after < best) {
          best = after;
          choice = new Assignment(piece, taker);
        }
      }
    }
    if (choice == null) {
      return false;
    }
    move(choice.piece(), choice.target());
    return true;
  }

  private void move(Piece piece, ShardId target) {
    moved.add(new Assignment(piece, target));
    piecesOf(piece.owner()).remove(piece);
    amounts.merge(piece.owner(), -piece.amount(), Double::sum);
    amounts.merge(target, piece.amount(), Double::sum);
  }

  private double lack(ShardId shard) {
    return targets.getOrDefault(shard, 0.0) - amounts.getOrDefault(shard, 0.0);
  }

  private double fullness(ShardId shard, double more) {
    return (amounts.getOrDefault(shard, 0.0) + more) / targets.getOrDefault(shard, 0.0);
  }

  private ShardId neediest() {
    return sorted(Comparator.comparingDouble(shard -> -lack(shard))).get(0);
  }

  /** The shards that may have something; equal ones in the order of their names. */
  private List<ShardId> sorted(Comparator<ShardId> order) {
    return targets.keySet().stream().sorted(order.thenComparing(shard -> shard)).toList();
  }

  private NavigableSet<Piece> piecesOf(ShardId shard) {
    return pieces.computeIfAbsent(shard, owner -> new TreeSet<>(Piece.LARGEST_FIRST));
  }
}
