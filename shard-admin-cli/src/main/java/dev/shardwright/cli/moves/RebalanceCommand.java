package dev.shardwright.cli.moves;

import dev.shardwright.cli.session.Session;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rebalance}. */
@Command(
    name = "rebalance",
    description = "Moves ranges so that each shard has its share; services go on meanwhile.",
    footer = {
      "",
      "Shows the plan, asks, and shows how far it is. Returns when all ranges have changed hands.",
      "If no daemon leads, this process carries the moves out itself, the clean-up too if it is told",
      "to wait for it. Ctrl-C then pauses them, else it only stops watching.",
      "",
      "Examples:",
      "  shard-admin rebalance --dry-run",
      "  shard-admin rebalance --by bytes --max-rate 20MB --yes",
      "  shard-admin rebalance --rollback-window 0 --wait clean --yes"
    })
public final class RebalanceCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final PlanArguments arguments = new PlanArguments();

  @Mixin private final PlanRun run = new PlanRun();

  /** For one run of the program. */
  public RebalanceCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return run.of(arguments.request(), session);
  }
}
