package dev.shardwright.cli.moves;

import dev.shardwright.ShardException;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Rate;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.StartIncomplete;
import dev.shardwright.rebalance.check.PlanCheck;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
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
      if (!dryRun) {
        refuseWhatCannotBe(plan);
      }
      if (dryRun || changesNothing(plan)) {
        session.print(PlanAnswer.of(plan, check), PlanAnswer.text(plan, check));
        return dryRun ? ExitCode.DONE : end(plan);
      }
      session.tell(PlanAnswer.text(plan, check));
      if (check.isBlocked()) {
        throw new NotDone("the plan cannot be carried out: do what the findings above say first");
      }
      session.confirm("Carry this plan out?", yes);
      return plan.moves().isEmpty()
          ? pinInPlace(session, rebalancer, plan, check, options)
          : carryOut(session, rebalancer, plan, options);
    }
  }

  /** A ring may stay uneven; a key was told where to go. */
  private static void refuseWhatCannotBe(RebalancePlan plan) {
    if (plan.request() instanceof RebalanceRequest.MoveKey) {
      for (PlannedRing ring : plan.rings()) {
        if (!ring.unbalanced().isEmpty()) {
          throw new NotDone(String.join("; ", ring.unbalanced()));
        }
      }
    }
  }

  private static boolean changesNothing(RebalancePlan plan) {
    return plan.moves().isEmpty()
        && plan.rings().stream().allMatch(ring -> ring.pinned().isEmpty());
  }

  /**
   * The end of what could be planned, which may be less than was asked for.
   *
   * @throws NotDone if a shard that was to be emptied is not: it may be removed next
   */
  private static int end(RebalancePlan plan) {
    List<PlannedRing> left = leftOver(plan);
    if (!left.isEmpty()) {
      throw new NotDone(
          left.stream()
                  .map(
                      ring ->
                          "ring %s has tokens on %s still, which should have none: %s"
                              .formatted(
                                  ring.id(),
                                  ring.notEmptied(),
                                  String.join("; ", ring.unbalanced())))
                  .collect(Collectors.joining("; "))
              + ". Rebalance again when that is mended or over");
    }
    return ExitCode.DONE;
  }

  /** Moving a key or tokens empties no shard. */
  private static List<PlannedRing> leftOver(RebalancePlan plan) {
    return plan.request() instanceof RebalanceRequest.Balance
        ? plan.rings().stream().filter(ring -> !ring.notEmptied().isEmpty()).toList()
        : List.of();
  }

  /** A key that is on its shard already. */
  private static int pinInPlace(
      Session session,
      Rebalancer rebalancer,
      RebalancePlan plan,
      PlanCheck check,
      MoveOptions options) {
    rebalancer.start(plan, options);
    session.print(
        PlanAnswer.of(plan, check),
        "The key is pinned to the shard that it is on: nothing had to move");
    return ExitCode.DONE;
  }

  private int carryOut(
      Session session, Rebalancer rebalancer, RebalancePlan plan, MoveOptions options) {
    MigrationWatch watch = new MigrationWatch(session, rebalancer);
    List<Integer> numbers = List.of();
    try {
      numbers = rebalancer.start(plan, options);
      watch.campaign();
    } catch (StartIncomplete e) {
      return leave(session, e.migrations(), e);
    } catch (TopologyUnavailable e) {
      return leave(session, numbers, e);
    }
    int exitCode =
        watch.until(
            numbers,
            wait == Wait.CLEAN ? MigrationStatus::isOver : MigrationStatus::hasMoved,
            MigrationStatus::hasMoved);
    if (exitCode != ExitCode.DONE) {
      return exitCode;
    }
    if (wait == Wait.MOVED) {
      session.tell(
          (leftOver(plan).isEmpty() ? "All has moved" : "What was planned has moved")
              + ". Old rows are removed once the rollback window is over and somebody leads: a"
              + " daemon, or shard-admin migration watch");
    }
    return end(plan);
  }

  /** Tells what is there, since the plan cannot be begun again beside it. */
  static int leave(Session session, List<Integer> begun, ShardException failure) {
    if (begun.isEmpty()) {
      throw failure;
    }
    session.tell(
        "Begun: migrations %1$s. To carry them out: shard-admin migration watch; to give them up: shard-admin migration abort %1$s"
            .formatted(MigrationWatch.joined(begun)));
    if (Thread.interrupted()) {
      return ExitCode.INTERRUPTED;
    }
    throw failure;
  }

  private MoveOptions options() {
    return WrongUsage.ifRefused(
        () ->
            new MoveOptions(
                rollbackWindow,
                maxRate == null ? MoveOptions.DEFAULTS.bytesPerSecond() : maxRate.bytesPerSecond(),
                MoveOptions.DEFAULTS.lanes(),
                maxPause));
  }
}
