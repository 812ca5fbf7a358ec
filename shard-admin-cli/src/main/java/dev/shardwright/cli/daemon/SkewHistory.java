package dev.shardwright.cli.daemon;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.rebalance.plan.Skew;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** How uneven rings were over time: the newest samples, a bounded number of them. Thread-safe. */
final class SkewHistory {
  /** A day of samples, one each minute. */
  static final int MOST_SAMPLES = 1_440;

  /** Of all samples together: a cluster of many keyspaces keeps fewer samples. */
  static final int MOST_POINTS = 20_000;

  private static final List<String> COLUMNS = List.of("ring", "goal", "maxOverAverage");

  private final Deque<Sample> samples = new ArrayDeque<>();
  private int points;

  private record Sample(Instant at, List<List<Cell>> rings) {}

  /** Keeps one more; the oldest go. */
  synchronized void add(Instant at, List<Skew> skews) {
    Sample sample = new Sample(at, skews.stream().map(SkewHistory::row).toList());
    samples.addLast(sample);
    points += sample.rings().size();
    while (samples.size() > MOST_SAMPLES || (points > MOST_POINTS && samples.size() > 1)) {
      points -= samples.removeFirst().rings().size();
    }
  }

  /** The newest last. */
  synchronized Answer answer() {
    return Answer.EMPTY.table(
        "samples",
        List.of("at", "rings"),
        samples.stream()
            .map(sample -> List.of(Cell.of(sample.at()), Cell.table(COLUMNS, sample.rings())))
            .toList());
  }

  private static List<Cell> row(Skew skew) {
    return List.of(
        Cell.of(skew.ring()),
        Cell.of(skew.goal().name().toLowerCase(Locale.ROOT)),
        Cell.ratio(skew.maxOverAverage()));
  }
}
