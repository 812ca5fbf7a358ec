package dev.shardwright.rebalance;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The migrations of a cluster: those under way, and those that are over. Immutable.
 *
 * @param legible those that can be read, by number
 * @param illegible the numbers of the others, which a newer release may have written, and why they
 *     cannot be
 */
public record KeptMigrations(List<MigrationStatus> legible, SortedMap<Integer, String> illegible) {
  /** Keeps copies. */
  public KeptMigrations {
    legible = List.copyOf(legible);
    illegible = Collections.unmodifiableSortedMap(new TreeMap<>(illegible));
  }
}
