package dev.shardwright.ring;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Decides how much each shard gives when one takes, or gets when one gives. */
final class Quotas {
  /**
   * Up to so many shards take part in a change all together, each in exact proportion. Were it so
   * with any number, each change would break hundreds of spans, and thousands of them would break
   * the ring into slivers; above it, only those furthest from their targets take part.
   */
  static final int MOST_TOGETHER = 128;

  /** How far from its target such a change may leave a shard: eight thousandths of it. */
  private static final int TOLERANCE = 125;

  private Quotas() {}

  /**
   * How much each shard gives to one that takes. Above {@link #MOST_TOGETHER} all are brought
   * within the tolerance, and those who had most too much to its lower end.
   *
   * @param total what all give together; not more than the positive surpluses add up to
   * @param surplus how much more than its target each has; without the taker
   * @param targets what each should have
   */
  static long[] giving(long total, long[] surplus, long[] targets) {
    if (count(surplus) <= MOST_TOGETHER) {
      return Shares.of(total, atLeast0(surplus));
    }
    long[] quotas = moved(surplus, targets, -1);
    long left = total - Arrays.stream(quotas).sum();
    if (left <= 0) {
      return Shares.of(total, quotas);
    }
    long[] most = moved(surplus, targets, 1);
    for (int shard : furthestFirst(surplus, targets)) {
      long more = Math.min(left, most[shard] - quotas[shard]);
      quotas[shard] += more;
      left -= more;
    }
    return quotas;
  }

  /**
   * How much each shard takes at most from one that gives. Up to {@link #MOST_TOGETHER} that is
   * what it will take; above, so much that it stays within the tolerance.
   *
   * @param total what the one gives; not more than the positive lacks add up to
   * @param lack how much less than its target each has; without the giver
   * @param targets what each should have
   */
  static long[] taking(long total, long[] lack, long[] targets) {
    return count(lack) <= MOST_TOGETHER
        ? Shares.of(total, atLeast0(lack))
        : moved(lack, targets, 1);
  }

  private static long count(long[] distances) {
    return Arrays.stream(distances).filter(distance -> distance > 0).count();
  }

  private static long[] atLeast0(long[] distances) {
    return Arrays.stream(distances).map(distance -> Math.max(0, distance)).toArray();
  }

  /** The distances to that end of the tolerance. */
  private static long[] moved(long[] distances, long[] targets, int end) {
    return IntStream.range(0, distances.length)
        .mapToLong(shard -> Math.max(0, distances[shard] + end * (targets[shard] / TOLERANCE)))
        .toArray();
  }

  private static int[] furthestFirst(long[] distances, long[] targets) {
    return IntStream.range(0, distances.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                    (Integer shard) -> (double) distances[shard] / Math.max(1, targets[shard]))
                .reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
