package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.PlannedMove;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.RebalancePlan;
import java.util.List;
import java.util.Locale;

/** A plan as an answer for programs; people read the plan's own description. */
public final class PlanAnswer {
  private static final List<String> RINGS = List.of("ring", "goal", "skewBefore", "skewAfter");
  private static final List<String> MOVES =
      List.of(
          "ring",
          "source",
          "target",
          "ranges",
          "rows",
          "bytes",
          "estimate",
          "skewBefore",
          "skewAfter",
          "reason");

  private static final List<String> FINDINGS =
      List.of("severity", "check", "what", "remedy", "moves");

  private PlanAnswer() {}

  /** Plan and findings, for people. */
  static String text(RebalancePlan plan, PlanCheck check) {
    return plan.moves().isEmpty() ? plan.describe() : plan.describe() + "\n" + check.describe();
  }

  /** Plan and findings, for programs. */
  public static Answer of(RebalancePlan plan, PlanCheck check) {
    return Answer.EMPTY
        .fact("request", Cell.of(plan.request().describe()))
        .fact("rows", Cell.of(plan.volume().rows()))
        .fact("bytes", Cell.bytes(plan.volume().bytes()))
        .fact("estimate", Cell.time(plan.estimate()))
        .table("rings", RINGS, plan.rings().stream().map(PlanAnswer::row).toList())
        .table("moves", MOVES, plan.moves().stream().map(PlanAnswer::row).toList())
        .lines(
            "unbalanced",
            plan.rings().stream().flatMap(ring -> ring.unbalanced().stream()).toList())
        .fact("blocked", Cell.of(check.isBlocked()))
        .table(
            "findings",
            FINDINGS,
            check.findings().entrySet().stream()
                .map(found -> row(found.getKey(), found.getValue().size()))
                .toList());
  }

  private static List<Cell> row(Finding finding, int moves) {
    return List.of(
        Cell.of(finding.severity().name().toLowerCase(Locale.ROOT)),
        Cell.of(finding.check()),
        Cell.of(finding.what()),
        Cell.of(finding.remedy()),
        Cell.of(moves));
  }

  private static List<Cell> row(PlannedRing ring) {
    return List.of(
        Cell.of(ring.id()),
        Cell.of(ring.goal().name().toLowerCase(Locale.ROOT)),
        Cell.ratio(ring.skewBefore()),
        Cell.ratio(ring.skewAfter()));
  }

  private static List<Cell> row(PlannedMove move) {
    return List.of(
        Cell.of(move.ring()),
        Cell.of(move.transfer().source()),
        Cell.of(move.transfer().target()),
        Cell.of(move.transfer().ranges().ranges().size()),
        Cell.of(move.volume().rows()),
        Cell.bytes(move.volume().bytes()),
        Cell.time(move.estimate()),
        Cell.ratio(move.skewBefore()),
        Cell.ratio(move.skewAfter()),
        Cell.of(move.reason()));
  }
}
