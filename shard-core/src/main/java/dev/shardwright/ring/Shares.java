package dev.shardwright.ring;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Divides a whole number of things by weight: the method of the largest remainder. */
final class Shares {
  private Shares() {}

  /**
   * Shares that add up to the total, each less than one away from the exact one; the earlier of two
   * equal claims is rounded up.
   *
   * @param total what to divide; not negative
   * @param weights none negative, at least one positive unless the total is 0
   */
  static long[] of(long total, long[] weights) {
    long[] shares = new long[weights.length];
    if (total == 0) {
      return shares;
    }
    BigInteger sum = BigInteger.ZERO;
    for (long weight : weights) {
      sum = sum.add(BigInteger.valueOf(weight));
    }
    BigInteger[] remainders = new BigInteger[weights.length];
    long left = total;
    for (int i = 0; i < weights.length; i++) {
      BigInteger[] quotient =
          BigInteger.valueOf(total)
              .multiply(BigInteger.valueOf(weights[i]))
              .divideAndRemainder(sum);
      shares[i] = quotient[0].longValueExact();
      remainders[i] = quotient[1];
      left -= shares[i];
    }
    IntStream.range(0, weights.length)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> remainders[i]).reversed())
        .limit(left)
        .forEach(i -> shares[i]++);
    return shares;
  }
}
