package dev.shardwright.cli.moves;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Rate;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
  /** What to wait for. */
  enum Wait {
    MOVED,
    CLEAN
  }

  private final Session session;

  @Mixin private final PlanArguments arguments = new PlanArguments();

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

  /** For one run of the program. */
  public RebalanceCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    MoveOptions options =
        new MoveOptions(
            rollbackWindow,
            maxRate == null ? MoveOptions.DEFAULTS.bytesPerSecond() : maxRate.bytesPerSecond(),
            MoveOptions.DEFAULTS.lanes(),
            maxPause);
    try (Rebalancer rebalancer = session.rebalancer()) {
      RebalancePlan plan = rebalancer.plan(arguments.request());
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
      return carryOut(rebalancer, plan, options);
    }
  }

  private int carryOut(Rebalancer rebalancer, RebalancePlan plan, MoveOptions options) {
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
}
