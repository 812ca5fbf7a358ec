package dev.shardwright.router.differential;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What PostgreSQL leaves open in the answer to a statement. Columns are counted from 1.
 *
 * @param ordered whether the statement orders its rows
 * @param keys the columns that are its order, where rows with the same keys may come in any order;
 *     empty if the order is total
 * @param outOf where any of more rows may be chosen: the statement that gives them all
 * @param close columns of floats whose last digits depend on the order of addition
 * @param bags columns that list values in any order
 * @param alike columns where any of several equal values may be chosen, such as 1.0 and 1.00
 */
record Openness(
    boolean ordered,
    List<Integer> keys,
    Optional<String> outOf,
    Set<Integer> close,
    Set<Integer> bags,
    Set<Integer> alike) {
  /** All rows in a total order. */
  static final Openness NOTHING =
      new Openness(true, List.of(), Optional.empty(), Set.of(), Set.of(), Set.of());

  /** All rows in any order. */
  static final Openness ORDER = NOTHING.withOrder(false);

  Openness {
    keys = List.copyOf(keys);
    close = Set.copyOf(close);
    bags = Set.copyOf(bags);
    alike = Set.copyOf(alike);
  }

  Openness withOrder(boolean changed) {
    return new Openness(changed, keys, outOf, close, bags, alike);
  }

  Openness withKeys(List<Integer> changed) {
    return new Openness(ordered, changed, outOf, close, bags, alike);
  }

  Openness withOutOf(String changed) {
    return new Openness(ordered, keys, Optional.of(changed), close, bags, alike);
  }

  Openness withClose(Set<Integer> changed) {
    return new Openness(ordered, keys, outOf, changed, bags, alike);
  }

  Openness withBags(Set<Integer> changed) {
    return new Openness(ordered, keys, outOf, close, changed, alike);
  }

  Openness withAlike(Set<Integer> changed) {
    return new Openness(ordered, keys, outOf, close, bags, changed);
  }
}
