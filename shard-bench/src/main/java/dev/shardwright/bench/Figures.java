package dev.shardwright.bench;

import java.util.Arrays;
import java.util.Collection;

/** Measured values, to be told by a few of them. Immutable. */
public final class Figures {
  private final double[] ascending;

  private Figures(double[] values) {
    ascending = values.clone();
    Arrays.sort(ascending);
  }

  /** At least one value, in any order. */
  public static Figures of(double... values) {
    return new Figures(values);
  }

  /** At least one value, in any order. */
  public static Figures of(Collection<Double> values) {
    return new Figures(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The one that this share of them does not exceed: 0 for the least, 1 for the largest. */
  public double at(double share) {
    return ascending[(int) Math.round(share * (ascending.length - 1))];
  }

  public double median() {
    return at(0.5);
  }

  public double least() {
    return at(0);
  }

  public double most() {
    return at(1);
  }
}
