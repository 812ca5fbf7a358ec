package dev.shardwright.bench.compare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Lets contenders take turns, the first of them being the floor, and compares each turn with the
 * floor's of the same round. The order within a round rotates, so that no contender always follows
 * the same other.
 *
 * @param threads how many threads work at once
 * @param rounds how many rounds are counted
 * @param turnMillis how long a turn lasts
 */
record Comparison(int threads, int rounds, long turnMillis) {
  private static final int LEAST_WARM_UP_ROUNDS = 5;

  /** Runs all rounds and prints a table. */
  void run(String title, List<Contender> contenders, PrintStream out) throws Exception {
    List<List<Turn>> turns = new ArrayList<>();
    contenders.forEach(contender -> turns.add(new ArrayList<>()));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(turnMillis);
      for (int round = -warmUpRounds(); round < rounds; round++) {
        for (int place = 0; place < contenders.size(); place++) {
          int who = Math.floorMod(place + round, contenders.size());
          Turn turn = Turn.take(contenders.get(who), executor, threads, nanos);
          if (round >= 0) {
            turns.get(who).add(turn);
          }
        }
      }
    } finally {
      executor.shutdownNow();
    }
    print(title, contenders, turns, out);
  }

  /** Half as many again: what is done some hundred times a turn takes seconds to be compiled. */
  private int warmUpRounds() {
    return Math.max(LEAST_WARM_UP_ROUNDS, rounds / 2);
  }

  private void print(
      String title, List<Contender> contenders, List<List<Turn>> turns, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%n%s: %d thread(s), %d rounds of %d ms each, interleaved%n",
        title,
        threads,
        rounds,
        turnMillis);
    out.printf(
        Locale.ROOT,
        "| %-28s | %12s | %22s | %10s | %10s |%n",
        "contender",
        "us/op median",
        "ratio median (p10-p90)",
        "B/op",
        "B/op more");
    out.println("|---|---|---|---|---|");
    List<Turn> floor = turns.get(0);
    for (int i = 0; i < contenders.size(); i++) {
      List<Turn> own = turns.get(i);
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ratios[round] = own.get(round).nanosPerOperation() / floor.get(round).nanosPerOperation();
      }
      Arrays.sort(ratios);
      double bytes = median(own, Turn::bytesPerOperation);
      out.printf(
          Locale.ROOT,
          "| %-28s | %12.2f | %6.3f (%5.3f - %5.3f) | %10.0f | %10.0f |%n",
          contenders.get(i).name(),
          median(own, Turn::nanosPerOperation) / 1_000,
          at(ratios, 0.5),
          at(ratios, 0.1),
          at(ratios, 0.9),
          bytes,
          bytes - median(floor, Turn::bytesPerOperation));
    }
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return at(turns.stream().mapToDouble(figure).sorted().toArray(), 0.5);
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
