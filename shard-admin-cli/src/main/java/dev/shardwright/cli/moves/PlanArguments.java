package dev.shardwright.cli.moves;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import dev.shardwright.ring.ShardId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a plan is to reach. */
final class PlanArguments {
  @Option(
      names = "--by",
      paramLabel = "tokens|rows|bytes|load",
      description = "What is made even (default: tokens).")
  private Goal goal = Goal.TOKENS;

  @Option(
      names = "--without",
      paramLabel = "SHARD",
      description = "Empty that shard, as if it were draining; may be given several times.")
  private @Nullable List<ShardId> without;

  RebalanceRequest request() {
    Balance request = Balance.by(goal);
    for (ShardId shard : without == null ? List.<ShardId>of() : without) {
      request = request.without(shard);
    }
    return request;
  }
}
