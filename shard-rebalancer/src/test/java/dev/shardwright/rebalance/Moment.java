package dev.shardwright.rebalance;

import java.util.List;

/** A point on a mover's way, told by the effects up to there. */
interface Moment {
  /** The first of these is where the move begins, the second the hold, the third the commit. */
  String TOPOLOGY = "/topology";

  /** The end of the way, where it never comes to. */
  Moment NEVER = seen -> false;

  /** Of a whole sweep, every so manyth moment: 1, or what {@code -Dsweep.step} says. */
  int STEP = Integer.getInteger("sweep.step", 1);

  /** Whether it comes with the last of these effects. */
  boolean isAt(List<String> seen);

  /** After so many effects. */
  static Moment after(int number) {
    return seen -> seen.size() == number;
  }

  /** After so many more effects than the n-th change of the topology. */
  static Moment afterTopologyChange(int change, int more) {
    return seen -> {
      int until = seen.size() - more;
      return until > 0
          && isTopology(seen.get(until - 1))
          && seen.stream().limit(until).filter(Moment::isTopology).count() == change;
    };
  }

  private static boolean isTopology(String effect) {
    return effect.contains(TOPOLOGY);
  }
}
