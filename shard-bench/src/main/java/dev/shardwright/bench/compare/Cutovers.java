package dev.shardwright.bench.compare;

import dev.shardwright.bench.Figures;
import dev.shardwright.bench.Numbers;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.ring.ShardId;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * How long work on ranges waits while they change hands, as the mover and as a router measures it,
 * attempts that failed included: some go to the other shard and others back, again and again, while
 * threads write to all accounts through a router; the same once more beside an unrelated bulk load
 * on both servers, and with writers that leave the machine time to rest. Every acknowledged write
 * is looked for in the end.
 *
 * <p>Arguments: how often ranges change hands (default 100), writers (default 8).
 */
public final class Cutovers {
  /** One in so many tokens changes hands each time. A power of two. */
  private static final int SHARE = 128;

  /** After each statement, so that the machine is not full. */
  private static final Duration REST = Duration.ofMillis(5);

  private final LiveMoves moves;
  private final MoveOptions options;
  private final PrintStream out;

  private Cutovers(LiveMoves moves, Duration pause, PrintStream out) {
    this.moves = moves;
    this.options =
        new MoveOptions(
            Duration.ZERO,
            MoveOptions.DEFAULTS.bytesPerSecond(),
            MoveOptions.DEFAULTS.lanes(),
            pause);
    this.out = out;
  }

  /** Runs the comparison and prints its tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 100, 8);
    int cutovers = Math.toIntExact(numbers[0]);
    int writers = Math.toIntExact(numbers[1]);
    run(BenchCluster.ACCOUNTS, cutovers, writers, MoveOptions.DEFAULTS.pause(), System.out);
  }

  static void run(int accounts, int cutovers, int threads, Duration pause, PrintStream out)
      throws Exception {
    try (BenchCluster cluster = BenchCluster.start(2, accounts);
        LiveMoves moves = LiveMoves.start(cluster, threads)) {
      Cutovers comparison = new Cutovers(moves, pause, out);
      comparison.cutOver("nothing", cutovers, threads);
      BulkLoad load = new BulkLoad(cluster.servers());
      try (load) {
        comparison.cutOver("a bulk load", cutovers, threads);
      }
      moves.writers().restFor(REST);
      comparison.cutOver("nothing, writers resting " + REST.toMillis() + " ms", cutovers, threads);
      moves.check();
    }
  }

  private void cutOver(String beside, int cutovers, int threads) throws Exception {
    List<MigrationStatus> done = new ArrayList<>();
    List<Double> slowest = new ArrayList<>();
    List<Double> waits = new ArrayList<>();
    List<Double> longestWaits = new ArrayList<>();
    long failed = moves.writers().failed();
    for (int i = 0; i < cutovers; i++) {
      ShardId source = BenchCluster.shard(i % 2);
      ShardId target = BenchCluster.shard(1 - i % 2);
      moves.writers().takeLongest();
      done.add(moves.move(moves.plan(moves.firstTokensOf(source, SHARE), target), options));
      slowest.add(moves.writers().takeLongest() / 1e6);
      List<Double> waited = moves.held().take();
      waits.addAll(waited);
      waited.stream().max(Double::compare).ifPresent(longestWaits::add);
      System.err.printf(
          Locale.ROOT, "cutovers: %d of %d beside %s, %s%n", i + 1, cutovers, beside, last(done));
    }
    out.printf(
        Locale.ROOT,
        "%n%d cutovers beside %s: %d writers, %d attempts, %d statements failed%n"
            + "%d statements waited, in %d of the moves%n"
            + "| ms | p50 | p90 | p99 | max |%n|---|---|---|---|---|%n",
        cutovers,
        beside,
        threads,
        done.stream().mapToInt(status -> status.attempts() + 1).sum(),
        moves.writers().failed() - failed,
        waits.size(),
        longestWaits.size());
    print("pause", millis(done, CutoverPause::total));
    for (String part : done.get(0).lastPause().orElseThrow().parts().keySet()) {
      print("- " + part, millis(done, pause -> pause.parts().getOrDefault(part, Duration.ZERO)));
    }
    print("wait of a statement", waits);
    print("longest wait in a move", longestWaits);
    print("slowest statement of a move", slowest);
  }

  private static String last(List<MigrationStatus> done) {
    MigrationStatus last = done.get(done.size() - 1);
    return "%d attempts, %s"
        .formatted(
            last.attempts() + 1,
            last.lastPause()
                .map(pause -> "%.1f ms".formatted(millis(pause.total())))
                .orElse("none succeeded"));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static List<Double> millis(
      List<MigrationStatus> done, Function<CutoverPause, Duration> part) {
    return done.stream()
        .flatMap(status -> status.lastPause().stream())
        .map(pause -> millis(part.apply(pause)))
        .toList();
  }

  /** Of few moves nothing may have had to wait. */
  private void print(String what, List<Double> millis) {
    if (millis.isEmpty()) {
      return;
    }
    Figures figures = Figures.of(millis);
    out.printf(
        Locale.ROOT,
        "| %-27s | %6.1f | %6.1f | %6.1f | %6.1f |%n",
        what,
        figures.median(),
        figures.at(0.9),
        figures.at(0.99),
        figures.most());
  }
}
