package dev.shardwright.rebalance.check;

import dev.shardwright.rebalance.plan.PlannedMove;
import java.util.List;

/**
 * A range move of a plan, and what was found about it.
 *
 * @param move the move
 * @param findings in the order of the checks; empty if all is well
 */
public record CheckedMove(PlannedMove move, List<Finding> findings) {
  /** Copies the list. */
  public CheckedMove {
    findings = List.copyOf(findings);
  }
}
