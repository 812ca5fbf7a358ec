package dev.shardwright.cli.moves;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.RebalancePlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code plan}. */
@Command(
    name = "plan",
    description =
        "Shows what a rebalance would move, why, and what it would gain, and what is in its way. Changes nothing.",
    footer = {"", "Examples:", "  shard-admin plan", "  shard-admin plan --by bytes --without s3"})
public final class PlanCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final PlanArguments arguments = new PlanArguments();

  /** For one run of the program. */
  public PlanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Rebalancer rebalancer = session.rebalancer()) {
      RebalancePlan plan = rebalancer.plan(arguments.request());
      PlanCheck check = rebalancer.check(plan);
      session.print(PlanAnswer.of(plan, check), PlanAnswer.text(plan, check));
      return ExitCode.DONE;
    }
  }
}
