package dev.shardwright.bench.compare;

import java.util.Arrays;
import java.util.List;

/**
 * How one contender has done.
 *
 * @param contender its name
 * @param micros an operation takes; the median of its turns
 * @param ratio of a turn to the floor's of the same round; the median
 * @param lowRatio the first decile
 * @param highRatio the last decile
 * @param bytes that all threads of the JVM allocate for an operation; the median
 * @param cpuMicros that the JVM works for an operation; over all turns, for the kernel counts in
 *     steps that are long beside a turn
 */
public record Outcome(
    String contender,
    double micros,
    double ratio,
    double lowRatio,
    double highRatio,
    double bytes,
    double cpuMicros) {

  /** Of the turns of a contender, with the floor's of the same rounds. */
  static Outcome of(String contender, List<Turn> own, List<Turn> floor) {
    double[] ratios = new double[own.size()];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = own.get(round).nanosPerOperation() / floor.get(round).nanosPerOperation();
    }
    Arrays.sort(ratios);
    long operations = own.stream().mapToLong(Turn::operations).sum();
    long cpuNanos = own.stream().mapToLong(turn -> turn.spent().cpuNanos()).sum();
    return new Outcome(
        contender,
        at(sorted(own.stream().mapToDouble(Turn::nanosPerOperation).toArray()), 0.5) / 1_000,
        at(ratios, 0.5),
        at(ratios, 0.1),
        at(ratios, 0.9),
        at(sorted(own.stream().mapToDouble(Turn::bytesPerOperation).toArray()), 0.5),
        cpuNanos / 1_000.0 / operations);
  }

  private static double[] sorted(double[] figures) {
    Arrays.sort(figures);
    return figures;
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
