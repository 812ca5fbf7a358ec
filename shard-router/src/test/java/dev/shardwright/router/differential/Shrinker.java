package dev.shardwright.router.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes choices fewer and smaller as long as what is generated from them stays interesting. */
final class Shrinker {
  private final Predicate<List<Integer>> interesting;
  private int triesLeft;
  private List<Integer> best;

  private Shrinker(List<Integer> start, Predicate<List<Integer>> interesting, int tries) {
    this.best = start;
    this.interesting = interesting;
    this.triesLeft = tries;
  }

  /**
   * The simplest choices found.
   *
   * @param start interesting ones
   * @param tries how often to ask at most
   */
  static List<Integer> shrink(
      List<Integer> start, Predicate<List<Integer>> interesting, int tries) {
    Shrinker shrinker = new Shrinker(start, interesting, tries);
    boolean better = true;
    while (better) {
      better = shrinker.leaveOut();
      better |= shrinker.makeSmaller();
    }
    return shrinker.best;
  }

  private boolean leaveOut() {
    boolean better = false;
    for (int size = 16; size >= 1; size /= 2) {
      for (int at = best.size() - size; at >= 0; at--) {
        List<Integer> fewer = new ArrayList<>(best);
        fewer.subList(at, Math.min(at + size, fewer.size())).clear();
        better |= at <= best.size() - size && accept(fewer);
      }
    }
    return better;
  }

  private boolean makeSmaller() {
    boolean better = false;
    for (int at = 0; at < best.size(); at++) {
      int value = best.get(at);
      for (int smaller : new int[] {0, value / 2, value - 1}) {
        if (at < best.size() && smaller >= 0 && smaller < best.get(at)) {
          List<Integer> changed = new ArrayList<>(best);
          changed.set(at, smaller);
          better |= accept(changed);
        }
      }
    }
    return better;
  }

  private boolean accept(List<Integer> candidate) {
    if (triesLeft == 0) {
      return false;
    }
    triesLeft--;
    if (!interesting.test(candidate)) {
      return false;
    }
    best = candidate;
    return true;
  }
}
