package dev.shardwright.cli.moves;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Rate;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a plan is carried out: shown, agreed to, begun, and watched until it has moved. */
final class PlanRun {
  /** What to wait for. */
  enum Wait {
    MOVED,
    CLEAN
  }

  @Option(names = "--dry-run", description = "Only show the plan.")
  private boolean dryRun;

  @Option(
      names = "--max-rate",
      paramLabel = "RATE",
      description = "Copy no more than that in a second, as in 20MB.")
  private @Nullable Rate maxRate;

  @Option(
      names = "--rollback-window",
      paramLabel = "TIME",
      description = "How long the moves can be taken back (default: 10m).")
  private Duration rollbackWindow = MoveOptions.DEFAULTS.rollbackWindow();

  @Option(
      names = "--max-pause",
      paramLabel = "TIME",
      description = "How long work on the moving rows may wait at the cutover (default: 50ms).")
  private Duration maxPause = MoveOptions.DEFAULTS.pause();

  @Option(
      names = "--wait",
      paramLabel = "moved|clean",
      description = "Return when all has moved (default), or when the old rows are removed too.")
  private Wait wait = Wait.MOVED;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  /**
   * Plans what was asked for, and carries it out.
   *
   * @return the exit code
   * @throws NotDone if it cannot be carried out, or was not agreed to
   * @throws WrongUsage if an option is out of its bounds
   */
  int of(RebalanceRequest request, Session session) {
    MoveOptions options = options();
    try (Rebalancer rebalancer = session.rebalancer()) {
      RebalancePlan plan = rebalancer.plan(request);
      PlanCheck check = rebalancer.check(plan);
      if (dryRun || plan.moves().isEmpty()) {
        session.print(PlanAnswer.of(plan, check), PlanAnswer.text(plan, check));
        return ExitCode.DONE;
      }
      session.tell(PlanAnswer.text(plan, check));
      if (check.isBlocked()) {
        throw new NotDone("the plan cannot be carried out: do what the findings above say first");
      }
      session.confirm("Carry this plan out?", yes);
      return carryOut(session, rebalancer, plan, options);
    }
  }

  private int carryOut(
      Session session, Rebalancer rebalancer, RebalancePlan plan, MoveOptions options) {
    MigrationWatch watch = new MigrationWatch(session, rebalancer);
    List<Integer> numbers = rebalancer.start(plan, options);
    watch.campaign();
    int exitCode =
        watch.until(
            numbers,
            wait == Wait.CLEAN ? MigrationStatus::isOver : MigrationStatus::hasMoved,
            MigrationStatus::hasMoved);
    if (exitCode == ExitCode.DONE && wait == Wait.MOVED) {
      session.tell(
          "All has moved. Old rows are removed once the rollback window is over and somebody leads:"
              + " a daemon, or shard-admin migration watch");
    }
    return exitCode;
  }

  private MoveOptions options() {
    try {
      return new MoveOptions(
          rollbackWindow,
          maxRate == null ? MoveOptions.DEFAULTS.bytesPerSecond() : maxRate.bytesPerSecond(),
          MoveOptions.DEFAULTS.lanes(),
          maxPause);
    } catch (IllegalArgumentException e) {
      throw new WrongUsage(String.valueOf(e.getMessage()));
    }
  }
}
