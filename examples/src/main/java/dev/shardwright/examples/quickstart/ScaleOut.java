package dev.shardwright.examples.quickstart;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.RebalancerOptions;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.PlannedRing;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/** Gives a new shard its share while the service goes on: plans, moves, and shows how far it is. */
final class ScaleOut {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long LOOK_MILLIS = 500;
  private static final int BAR = 40;

  /** Nothing is taken back here; a pause may be long, since this machine does everything. */
  private static final MoveOptions MOVES =
      new MoveOptions(Duration.ZERO, Long.MAX_VALUE, 2, Duration.ofMillis(500));

  private final DemoServers servers;
  private final PrintStream out;

  ScaleOut(DemoServers servers, PrintStream out) {
    this.servers = servers;
    this.out = out;
  }

  /**
   * What came of it.
   *
   * @param moves the migrations, all over
   * @param skewBefore max over average of tokens before, the empty shard counted
   * @param skewAfter the same afterwards
   */
  record Result(List<MigrationStatus> moves, double skewBefore, double skewAfter) {
    long movedRows() {
      return moves.stream().mapToLong(MigrationStatus::rows).sum();
    }

    double longestPauseMillis() {
      return moves.stream().mapToDouble(move -> move.pause().toNanos() / 1e6).max().orElse(0);
    }

    void print(PrintStream out) {
      out.println("Scale-out under traffic");
      for (MigrationStatus move : moves) {
        out.println(
            String.format(
                Locale.ROOT,
                "  %s -> %s  %,8d rows, work on them waited %.1f ms",
                move.transfer().source(),
                move.transfer().target(),
                move.rows(),
                move.pause().toNanos() / 1e6));
      }
      out.println(
          String.format(
              Locale.ROOT,
              "  tokens max / average: %.2f before, %.2f after",
              skewBefore,
              skewAfter));
    }
  }

  Result run() throws InterruptedException, TimeoutException {
    try (Rebalancer rebalancer =
        Rebalancer.connect(
            servers.zooKeeper(),
            DemoServers.CLUSTER,
            RebalancerOptions.DEFAULTS.withCredentials(servers.credentials()))) {
      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      rebalancer.campaign("quickstart");
      List<Integer> numbers = rebalancer.start(plan, MOVES);
      List<MigrationStatus> moves = watch(rebalancer, numbers);
      PlannedRing ring = plan.rings().get(0);
      return new Result(moves, ring.skewBefore(), ring.skewAfter());
    }
  }

  private List<MigrationStatus> watch(Rebalancer rebalancer, List<Integer> numbers)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<MigrationStatus> moves = new ArrayList<>();
      numbers.forEach(number -> rebalancer.migration(number).ifPresent(moves::add));
      out.println("          " + bar(moves));
      if (moves.stream().allMatch(MigrationStatus::isOver)) {
        checkMoved(moves);
        return moves;
      }
      if (System.nanoTime() - end >= 0) {
        throw new TimeoutException("the moves are not over within " + PATIENCE + ": " + moves);
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static void checkMoved(List<MigrationStatus> moves) {
    for (MigrationStatus move : moves) {
      if (move.outcome() != MigrationStatus.Outcome.MOVED) {
        throw new IllegalStateException("a move did not come to its end: " + move);
      }
    }
  }

  private static String bar(List<MigrationStatus> moves) {
    long over = moves.stream().filter(MigrationStatus::isOver).count();
    long rows = moves.stream().mapToLong(MigrationStatus::rows).sum();
    long expected =
        moves.stream().mapToLong(move -> Math.max(move.rows(), move.estimatedRows())).sum();
    int done = expected == 0 ? 0 : (int) (BAR * rows / expected);
    return String.format(
        Locale.ROOT,
        "[%s%s] %,d rows copied, %d of %d moves over",
        "#".repeat(done),
        " ".repeat(BAR - done),
        rows,
        over,
        moves.size());
  }
}
