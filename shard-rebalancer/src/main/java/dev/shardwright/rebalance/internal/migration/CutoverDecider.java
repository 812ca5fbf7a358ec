package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.topology.RangeMove;

/**
 * Decides the next step of a cutover; performs nothing. Whoever leads asks it with what was read
 * last, also the successor of a leader that died on the way: so it is the recovery as well.
 *
 * <p>Why ranges are never with two shards, nor lost to both for good:
 *
 * <ul>
 *   <li>Where they are, the topology alone says, and it changes by compare-and-set only. A COMMIT
 *       is the change of a move that is held at the value at which this mover raised the hold; a
 *       hold that was ended since, by whomever, has left a larger value.
 *   <li>A register only grows. The shard that loses the ranges refuses them from the fence on, in
 *       the transaction that found the logs empty while the gate kept writers out. Its register
 *       then has the value that only this COMMIT can give to the move, or one that is passed over:
 *       a hold that is given up ends two above.
 *   <li>The shard that owns the ranges is opened with the value that was read from the topology. If
 *       somebody knows less, the register is ahead of them, and their word changes nothing.
 * </ul>
 */
public final class CutoverDecider {
  private CutoverDecider() {}

  /** The next step. */
  public static CutoverStep next(CutoverView view) {
    RangeMove move = view.move();
    if (move.held()) {
      return isOurs(view) ? attempt(view) : CutoverStep.GIVE_UP;
    }
    if (view.registerOfOwner() < move.value()) {
      return CutoverStep.OPEN;
    }
    boolean begun = view.attempt().isPresent();
    return begun || view.direction().hasArrived(move) ? CutoverStep.NOTHING : CutoverStep.HOLD;
  }

  /**
   * A COMMIT may replace only a move of this kind: the one condition that must be checked again on
   * what is in force, in the compare-and-set itself.
   */
  public static boolean mayCommit(RangeMove inForce, long attempt, int mover) {
    return inForce.held() && inForce.value() == attempt && inForce.mover() == mover;
  }

  private static boolean isOurs(CutoverView view) {
    return view.attempt().isPresent()
        && mayCommit(view.move(), view.attempt().getAsLong(), view.mover());
  }

  private static CutoverStep attempt(CutoverView view) {
    if (!view.inBudget()) {
      return CutoverStep.GIVE_UP;
    }
    if (view.fenced()) {
      return view.routersReady() ? CutoverStep.COMMIT : CutoverStep.AWAIT_ROUTERS;
    }
    if (!view.routersReady()) {
      return CutoverStep.AWAIT_ROUTERS;
    }
    if (!view.gateHeld()) {
      return CutoverStep.GATE;
    }
    return view.drained() ? CutoverStep.FENCE : CutoverStep.DRAIN;
  }
}
