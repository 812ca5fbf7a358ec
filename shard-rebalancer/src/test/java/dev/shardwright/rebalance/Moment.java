package dev.shardwright.rebalance;

import java.util.List;

/** A point on a mover's way, told by the effects up to there. */
interface Moment {
  /**
   * Changes of it may be made in any state, to get news of older work: so they say little alone.
   */
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

  /** After so many more effects than the migration's coming to a state. */
  static Moment afterEntering(String state, int more) {
    String entered = entered(state);
    return seen -> {
      int until = seen.size() - more;
      return until > 0
          && seen.get(until - 1).contains(entered)
          && seen.stream().limit(until - 1).noneMatch(effect -> effect.contains(entered));
    };
  }

  /** After so many more effects than the one that makes the move known. */
  static Moment afterBeginning(int more) {
    return afterTopologyChange("PREPARING", 1, more);
  }

  /** After so many more effects than the hold of the first attempt at the cutover. */
  static Moment afterHold(int more) {
    return afterTopologyChange("CUTTING_OVER", 1, more);
  }

  /** After so many more effects than what ends that hold: the commit, or that it is given up. */
  static Moment afterCommit(int more) {
    return afterTopologyChange("CUTTING_OVER", 2, more);
  }

  /** By the n-th change of the topology since the migration came to that state. */
  private static Moment afterTopologyChange(String state, int change, int more) {
    String entered = entered(state);
    return seen -> {
      int until = seen.size() - more;
      return until > 0
          && isTopology(seen.get(until - 1))
          && seen.stream()
                  .limit(until)
                  .dropWhile(effect -> !effect.contains(entered))
                  .filter(Moment::isTopology)
                  .count()
              == change;
    };
  }

  /** As the journal says it. */
  private static String entered(String state) {
    return "\"state\":\"%s\"".formatted(state);
  }

  private static boolean isTopology(String effect) {
    return effect.contains(TOPOLOGY);
  }
}
