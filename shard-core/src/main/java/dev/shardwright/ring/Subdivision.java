package dev.shardwright.ring;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Divides runs into virtual nodes. Rows, bytes and load are counted by virtual node, so there
 * should be enough of them where one shard owns a long stretch, too.
 */
final class Subdivision {
  private Subdivision() {}

  /**
   * The first grid step of each virtual node, ascending: of each run; of those that began within
   * runs before, as many as it takes to reach the wanted number; and, where these are too few, of
   * the second halves of the largest.
   *
   * @param runs the first grid step of each run, ascending from 0
   * @param before the same of each virtual node that there was
   * @param wanted how many virtual nodes there should be at least
   */
  static long[] of(long[] runs, long[] before, int wanted) {
    long[] firsts =
        LongStream.concat(Arrays.stream(runs), Arrays.stream(before)).sorted().distinct().toArray();
    return firsts.length < wanted ? split(firsts, wanted) : merge(firsts, runs, wanted);
  }

  /** Joins what is smallest together, within runs, while there are more than wanted. */
  private static long[] merge(long[] firsts, long[] runs, int wanted) {
    BitSet kept = new BitSet(firsts.length);
    kept.set(0, firsts.length);
    IntStream.range(0, firsts.length)
        .filter(i -> Arrays.binarySearch(runs, firsts[i]) < 0)
        .boxed()
        .sorted(Comparator.comparingLong(i -> end(firsts, i) - firsts[i - 1]))
        .limit(firsts.length - wanted)
        .forEach(kept::clear);
    return kept.stream().mapToLong(i -> firsts[i]).toArray();
  }

  private static long[] split(long[] firsts, int wanted) {
    PriorityQueue<Span> spans = new PriorityQueue<>(firsts.length, Span.LARGEST_FIRST);
    for (int i = 0; i < firsts.length; i++) {
      spans.add(new Span(firsts[i], end(firsts, i)));
    }
    while (spans.size() < wanted) {
      Span largest = spans.remove();
      long middle = largest.first + (largest.end - largest.first) / 2;
      spans.add(new Span(largest.first, middle));
      spans.add(new Span(middle, largest.end));
    }
    return spans.stream().mapToLong(Span::first).sorted().toArray();
  }

  private static long end(long[] firsts, int i) {
    return i == firsts.length - 1 ? HashRing.GRID_STEPS : firsts[i + 1];
  }

  private record Span(long first, long end) {
    static final Comparator<Span> LARGEST_FIRST =
        Comparator.comparingLong((Span span) -> span.first - span.end)
            .thenComparingLong(Span::first);
  }
}
