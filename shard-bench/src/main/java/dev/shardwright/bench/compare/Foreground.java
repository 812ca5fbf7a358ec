package dev.shardwright.bench.compare;

import dev.shardwright.bench.Figures;
import dev.shardwright.bench.Numbers;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.ring.ShardId;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * How much a service gets done while ranges move at a bounded rate: statements a second from the
 * beginning of a move to the end of its clean-up, over those of the same time just before and just
 * after.
 *
 * <p>Arguments: rounds (default 5), kilobytes a second (default 100), writers (default 8).
 */
public final class Foreground {
  /**
   * One in so many tokens moves each time: some 6,250 rows of {@value BenchCluster#ACCOUNTS}. A
   * power of two.
   */
  private static final int SHARE = 16;

  private static final int KILO = 1_000;
  private static final Duration ALONE = Duration.ofSeconds(3);

  /** So long that one attempt at the cutover is enough on a busy machine too. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private Foreground() {}

  /** Runs the comparison and prints its figures. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 5, 100, 8);
    int rounds = Math.toIntExact(numbers[0]);
    long rate = numbers[1];
    int writers = Math.toIntExact(numbers[2]);
    run(BenchCluster.ACCOUNTS, ALONE, rounds, rate, writers, System.out);
  }

  static void run(
      int accounts, Duration alone, int rounds, long kilobytes, int threads, PrintStream out)
      throws Exception {
    MoveOptions throttled = new MoveOptions(Duration.ZERO, kilobytes * KILO, 2, PAUSE);
    double[] ratios = new double[rounds];
    long rows = 0;
    try (BenchCluster cluster = BenchCluster.start(2, accounts);
        LiveMoves moves = LiveMoves.start(cluster, threads)) {
      double before = alone(moves.writers(), alone);
      for (int round = 0; round < rounds; round++) {
        ShardId source = BenchCluster.shard(round % 2);
        ShardId target = BenchCluster.shard(1 - round % 2);
        RebalancePlan plan = moves.plan(moves.tokensOf(source, SHARE), target);
        long began = System.nanoTime();
        long done = moves.writers().done();
        rows += moves.move(plan, throttled).rows();
        double during = rate(moves.writers().done() - done, System.nanoTime() - began);
        double after = alone(moves.writers(), alone);
        ratios[round] = during / ((before + after) / 2);
        before = after;
      }
      moves.check();
      Figures shares = Figures.of(ratios);
      out.printf(
          Locale.ROOT,
          "%nStatements a second during a move at %d kB/s, over those without: %d writers, %d rounds, %,d rows moved,"
              + " %d statements failed%n%.3f (%.3f - %.3f)%n",
          kilobytes,
          threads,
          rounds,
          rows,
          moves.writers().failed(),
          shares.median(),
          shares.least(),
          shares.most());
    }
  }

  private static double alone(Writers writers, Duration time) throws InterruptedException {
    long done = writers.done();
    long began = System.nanoTime();
    Thread.sleep(time.toMillis());
    return rate(writers.done() - done, System.nanoTime() - began);
  }

  private static double rate(long statements, long nanos) {
    return statements * 1e9 / nanos;
  }
}
