package dev.shardwright.ring;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A HASH ring that is being changed, as runs: the longest stretches of grid steps with one owner.
 * Shards are numbers here. Not thread-safe.
 *
 * <p>Both changes try to leave few runs. What one shard takes from many it takes first as whole
 * small runs, then by shifting the boundaries of what it has: both cost no run. Next comes what
 * lies on both sides of a boundary between two givers, at the price of one run for the two, and
 * last what remains, at the price of one each. Small runs go first throughout, so that each giver
 * eats one run up before it breaks the next. Giving to many is the same backwards.
 *
 * <p>How many runs a change adds at most. Giving a whole run another owner adds none, nor does
 * shifting a boundary; only a cut whose piece meets no neighbour of its new owner adds one.
 *
 * <ul>
 *   <li>Taking: after the whole runs, each run of a giver is longer than what that giver still has
 *       to give, or a smaller one would have gone whole. So one cut at the end of one run completes
 *       a giver: at most one run for each, and one for two where the piece grows into the next run.
 *       A run is never cut in its middle.
 *   <li>Giving: each cut either completes a taker or is the last, because nothing is left to give:
 *       at most one run for each taker. A shard that gives all it has needs no cut for the last
 *       piece: one less.
 * </ul>
 */
final class Runs {
  private static final Comparator<Run> SMALLEST_FIRST =
      Comparator.<Run>comparingLong(run -> run.steps).thenComparingLong(run -> run.first);

  private static final Comparator<Run> SMALLEST_PAIR_FIRST =
      Comparator.<Run>comparingLong(run -> run.next == null ? 0 : run.steps + run.next.steps)
          .thenComparingLong(run -> run.first);

  private static final Comparator<Run> LARGEST_FIRST = SMALLEST_FIRST.reversed();

  private Run head;

  private Runs(Run head) {
    this.head = head;
  }

  /**
   * The runs of a ring.
   *
   * @param firsts the first grid step of each span, counted from 0
   * @param owners of these spans
   */
  static Runs of(long[] firsts, int[] owners) {
    Run head = new Run(firsts[0], 0, owners[0]);
    Run run = head;
    for (int i = 0; i < firsts.length; i++) {
      if (owners[i] != run.owner) {
        Run next = new Run(firsts[i], 0, owners[i]);
        link(run, next);
        run = next;
      }
      long end = i == firsts.length - 1 ? HashRing.GRID_STEPS : firsts[i + 1];
      run.steps += end - firsts[i];
    }
    return new Runs(head);
  }

  /** In the order of tokens. */
  List<Run> all() {
    return where(run -> true);
  }

  /**
   * Lets one shard take steps from others.
   *
   * @param from how many steps each shard gives, which it must have; counted down to 0
   */
  void take(int taker, long[] from) {
    for (Run run : where(run -> run.owner != taker, SMALLEST_FIRST)) {
      if (run.steps <= from[run.owner]) {
        from[run.owner] -= run.steps;
        assign(run, taker);
      }
    }
    for (Run run : where(run -> run.owner == taker)) {
      if (!run.gone) {
        takeBeside(run, from);
      }
    }
    for (Run run : where(run -> gives(run, from) && gives(run.next, from), SMALLEST_PAIR_FIRST)) {
      if (gives(run, from) && gives(run.next, from)) {
        takeEnd(run, taker, from);
      }
    }
    for (Run run : where(run -> gives(run, from), SMALLEST_FIRST)) {
      if (gives(run, from)) {
        takeEnd(run, taker, from);
      }
    }
  }

  private static boolean gives(@Nullable Run run, long[] from) {
    return run != null && !run.gone && from[run.owner] > 0;
  }

  private void takeEnd(Run run, int taker, long[] from) {
    long steps = Math.min(run.steps, from[run.owner]);
    from[run.owner] -= steps;
    takeBeside(assign(cutLast(run, steps), taker), from);
  }

  /** Shifts the boundaries of a run into its neighbours, as far as these still give. */
  private void takeBeside(Run taker, long[] from) {
    Run run = taker;
    while (run.next != null && gives(run.next, from)) {
      long steps = Math.min(run.next.steps, from[run.next.owner]);
      from[run.next.owner] -= steps;
      run = assign(cutFirst(run.next, steps), run.owner);
    }
    while (run.previous != null && gives(run.previous, from)) {
      long steps = Math.min(run.previous.steps, from[run.previous.owner]);
      from[run.previous.owner] -= steps;
      run = assign(cutLast(run.previous, steps), run.owner);
    }
  }

  /**
   * Lets one shard give steps to others.
   *
   * @param total how many steps it gives; it must have them
   * @param to how many steps each shard takes at most; together at least the total
   */
  void give(int giver, long total, long[] to) {
    long left = total;
    for (Run run : where(run -> run.owner == giver, SMALLEST_FIRST)) {
      int neighbour = neediestNeighbour(run, to);
      if (neighbour >= 0 && run.steps <= Math.min(left, to[neighbour])) {
        left -= handOver(run, run.steps, neighbour, to);
      }
    }
    for (Run run : where(run -> run.owner == giver)) {
      left -= giveBeside(run, left, to);
    }
    PriorityQueue<Run> rest = new PriorityQueue<>(LARGEST_FIRST);
    rest.addAll(where(run -> run.owner == giver));
    for (int shard : neediestFirst(to)) {
      while (left > 0 && to[shard] > 0) {
        Run run = rest.remove();
        long steps = Math.min(run.steps, Math.min(left, to[shard]));
        Run given = cutFirst(run, steps);
        if (given != run) {
          rest.add(run);
        }
        left -= handOver(given, steps, shard, to);
      }
    }
  }

  private long handOver(Run run, long steps, int shard, long[] to) {
    to[shard] -= steps;
    assign(run, shard);
    return steps;
  }

  /** Where both neighbours are one shard, that one: two boundaries go. */
  private static int neediestNeighbour(Run run, long[] to) {
    int previous = run.previous == null ? -1 : run.previous.owner;
    int next = run.next == null ? -1 : run.next.owner;
    if (previous < 0 || next < 0) {
      return Math.max(previous, next);
    }
    return to[previous] >= to[next] ? previous : next;
  }

  /** Lets the neighbours shift their boundaries into the run, as far as they take more. */
  private long giveBeside(Run run, long most, long[] to) {
    long left = most;
    if (run.previous != null) {
      int shard = run.previous.owner;
      long steps = Math.min(run.steps, Math.min(left, to[shard]));
      if (steps > 0) {
        left -= handOver(cutFirst(run, steps), steps, shard, to);
      }
    }
    if (!run.gone && run.next != null) {
      int shard = run.next.owner;
      long steps = Math.min(run.steps, Math.min(left, to[shard]));
      if (steps > 0) {
        left -= handOver(cutLast(run, steps), steps, shard, to);
      }
    }
    return most - left;
  }

  private static int[] neediestFirst(long[] to) {
    return IntStream.range(0, to.length)
        .boxed()
        .sorted(Comparator.comparingLong((Integer shard) -> to[shard]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Gives a whole run another owner, and joins it with neighbours of the same. */
  private Run assign(Run run, int owner) {
    run.owner = owner;
    Run joined = run;
    if (run.previous != null && run.previous.owner == owner) {
      joined = run.previous;
      absorbNext(joined);
    }
    if (joined.next != null && joined.next.owner == owner) {
      absorbNext(joined);
    }
    return joined;
  }

  private static void absorbNext(Run run) {
    Run next = requireNonNull(run.next);
    run.steps += next.steps;
    next.gone = true;
    link(run, next.next);
  }

  /** Cuts the first steps off as a run of their own; the run itself if these are all. */
  private Run cutFirst(Run run, long steps) {
    if (steps == run.steps) {
      return run;
    }
    Run cut = new Run(run.first, steps, run.owner);
    run.first += steps;
    run.steps -= steps;
    link(run.previous, cut);
    link(cut, run);
    if (head == run) {
      head = cut;
    }
    return cut;
  }

  /** Cuts the last steps off as a run of their own; the run itself if these are all. */
  private static Run cutLast(Run run, long steps) {
    if (steps == run.steps) {
      return run;
    }
    run.steps -= steps;
    Run cut = new Run(run.first + run.steps, steps, run.owner);
    link(cut, run.next);
    link(run, cut);
    return cut;
  }

  private static void link(@Nullable Run earlier, @Nullable Run later) {
    if (earlier != null) {
      earlier.next = later;
    }
    if (later != null) {
      later.previous = earlier;
    }
  }

  private List<Run> where(Predicate<Run> condition, Comparator<Run> order) {
    List<Run> found = where(condition);
    found.sort(order);
    return found;
  }

  private List<Run> where(Predicate<Run> condition) {
    List<Run> found = new ArrayList<>();
    for (Run run = head; run != null; run = run.next) {
      if (condition.test(run)) {
        found.add(run);
      }
    }
    return found;
  }

  /** A stretch of grid steps between two of other owners. */
  static final class Run {
    long first;
    long steps;
    int owner;
    @Nullable Run previous;
    @Nullable Run next;

    /** Whether a neighbour has absorbed it. */
    boolean gone;

    Run(long first, long steps, int owner) {
      this.first = first;
      this.steps = steps;
      this.owner = owner;
    }
  }
}
