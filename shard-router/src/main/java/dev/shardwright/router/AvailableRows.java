package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The answer of those shards that could be reached. Where shards are missing, it is what a database
 * without their rows would have said: counts and sums are too small, and the first rows may not be
 * the first.
 *
 * @param rows in the order of the query
 * @param missing the shards whose rows are missing, and why; empty if the answer is complete
 * @param <T> the rows
 */
public record AvailableRows<T>(List<T> rows, SortedMap<ShardId, ShardException> missing) {
  /** Keeps unmodifiable copies. */
  public AvailableRows {
    rows = List.copyOf(rows);
    missing = Collections.unmodifiableSortedMap(new TreeMap<>(missing));
  }

  /** Whether no shard is missing. */
  public boolean isComplete() {
    return missing.isEmpty();
  }
}
