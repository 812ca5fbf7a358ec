package dev.shardwright.bench.compare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Lets contenders take turns, the first of them being the floor, and compares each turn with the
 * floor's of the same round. Each round has another order, so that no contender always follows the
 * same other; all runs have the same ones.
 *
 * @param threads how many threads work at once
 * @param rounds how many rounds are counted
 * @param turnMillis how long a turn lasts
 */
public record Comparison(int threads, int rounds, long turnMillis) {
  private static final int LEAST_WARM_UP_ROUNDS = 5;

  /** Runs all rounds and prints a table. */
  public void run(String title, List<Contender> contenders, PrintStream out) throws Exception {
    print(title, run(contenders), out);
  }

  /** Runs all rounds. */
  public List<Outcome> run(List<Contender> contenders) throws Exception {
    List<List<Turn>> turns = new ArrayList<>();
    contenders.forEach(contender -> turns.add(new ArrayList<>()));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(turnMillis);
      for (int round = -warmUpRounds(); round < rounds; round++) {
        for (int who : order(round, contenders.size())) {
          Turn turn = Turn.take(contenders.get(who), executor, threads, nanos);
          if (round >= 0) {
            turns.get(who).add(turn);
          }
        }
      }
    } finally {
      executor.shutdownNow();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < contenders.size(); i++) {
      outcomes.add(Outcome.of(contenders.get(i).name(), turns.get(i), turns.get(0)));
    }
    return outcomes;
  }

  private static List<Integer> order(int round, int contenders) {
    List<Integer> order = new ArrayList<>();
    for (int who = 0; who < contenders; who++) {
      order.add(who);
    }
    Collections.shuffle(order, new Random(round));
    return order;
  }

  /** Half as many again: what is done some hundred times a turn takes seconds to be compiled. */
  private int warmUpRounds() {
    return Math.max(LEAST_WARM_UP_ROUNDS, rounds / 2);
  }

  private void print(String title, List<Outcome> outcomes, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%n%s: %d thread(s), %d rounds of %d ms each, interleaved%n",
        title,
        threads,
        rounds,
        turnMillis);
    out.printf(
        Locale.ROOT,
        "| %-28s | %12s | %22s | %10s | %10s | %10s |%n",
        "contender",
        "us/op median",
        "ratio median (p10-p90)",
        "B/op",
        "B/op more",
        "CPU us/op");
    out.println("|---|---|---|---|---|---|");
    double floorBytes = outcomes.get(0).bytes();
    for (Outcome outcome : outcomes) {
      out.printf(
          Locale.ROOT,
          "| %-28s | %12.2f | %6.3f (%5.3f - %5.3f) | %10.0f | %10.0f | %10.2f |%n",
          outcome.contender(),
          outcome.micros(),
          outcome.ratio(),
          outcome.lowRatio(),
          outcome.highRatio(),
          outcome.bytes(),
          outcome.bytes() - floorBytes,
          outcome.cpuMicros());
    }
  }
}
