package dev.shardwright.bench.compare;

import dev.shardwright.bench.Figures;
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
    Figures compared = Figures.of(ratios);
    long operations = own.stream().mapToLong(Turn::operations).sum();
    long cpuNanos = own.stream().mapToLong(turn -> turn.spent().cpuNanos()).sum();
    return new Outcome(
        contender,
        Figures.of(own.stream().mapToDouble(Turn::nanosPerOperation).toArray()).median() / 1_000,
        compared.median(),
        compared.at(0.1),
        compared.at(0.9),
        Figures.of(own.stream().mapToDouble(Turn::bytesPerOperation).toArray()).median(),
        cpuNanos / 1_000.0 / operations);
  }
}
