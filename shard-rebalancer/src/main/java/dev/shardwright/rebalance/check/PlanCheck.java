package dev.shardwright.rebalance.check;

import dev.shardwright.rebalance.plan.PlannedMove;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found about a plan before it begins.
 *
 * @param moves all moves of the plan, in their order
 */
public record PlanCheck(List<CheckedMove> moves) {
  /** Copies the list. */
  public PlanCheck {
    moves = List.copyOf(moves);
  }

  /** Whether the plan must not be started as it is. */
  public boolean isBlocked() {
    return moves.stream().flatMap(move -> move.findings().stream()).anyMatch(Finding::isBlocking);
  }

  /** Each finding once, with the moves that it is about. */
  public Map<Finding, List<PlannedMove>> findings() {
    Map<Finding, List<PlannedMove>> found = new LinkedHashMap<>();
    for (CheckedMove move : moves) {
      for (Finding finding : move.findings()) {
        found.computeIfAbsent(finding, any -> new ArrayList<>()).add(move.move());
      }
    }
    return found;
  }

  /** In lines, for people: each finding once, and how many moves it is about. */
  public String describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Check of %d range moves: %s"
            .formatted(
                moves.size(),
                isBlocked()
                    ? "the plan cannot be started"
                    : findings().isEmpty() ? "nothing was found" : "nothing is in the way"));
    findings().forEach((finding, about) -> lines.add("%s [%d]".formatted(finding, about.size())));
    return String.join("\n", lines);
  }

  /** The same as {@link #describe}. */
  @Override
  public String toString() {
    return describe();
  }
}
