package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.ShardId;
import java.util.Comparator;

/**
 * Tokens that move together.
 *
 * @param range the tokens
 * @param owner who has them now
 * @param amount how much they have, in the unit of the goal
 * @param divisible whether the range can be cut on the grid, its amount being spread evenly
 */
record Piece(KeyRange range, ShardId owner, double amount, boolean divisible) {
  static final Comparator<Piece> LARGEST_FIRST =
      Comparator.comparingDouble(Piece::amount).reversed().thenComparing(Piece::range);

  /** The grid steps at the beginning that have at most that amount; there may be none. */
  long stepsWorth(double wanted) {
    long steps = Tokens.stepsIn(range);
    return Math.min(steps, (long) (steps * (wanted / amount)));
  }

  Piece first(long steps) {
    return part(Tokens.firstSteps(range, steps));
  }

  Piece after(long steps) {
    return part(new KeyRange(Tokens.firstSteps(range, steps).last() + 1, range.last()));
  }

  private Piece part(KeyRange part) {
    return new Piece(
        part, owner, amount * Tokens.in(part) / Tokens.in(range), Tokens.stepsIn(part) > 1);
  }
}
