package dev.shardwright.examples.quickstart;

import dev.shardwright.examples.quickstart.Dataset.CheckedTable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the databases acknowledged, kept outside of them: the check at the end compares both.
 * Thread-safe.
 */
final class Ledger {
  private final Map<CheckedTable, Set<String>> rows = new ConcurrentHashMap<>();
  private final Map<Long, LongAdder> counts = new ConcurrentHashMap<>();

  /** A row was acknowledged. */
  void inserted(CheckedTable table, String primaryKey) {
    rows.computeIfAbsent(table, name -> ConcurrentHashMap.newKeySet()).add(primaryKey);
  }

  /** An increment of the key's counter was acknowledged. */
  void counted(long key) {
    counts.computeIfAbsent(key, id -> new LongAdder()).increment();
  }

  /** The primary keys that must be found in the table. */
  Set<String> rows(CheckedTable table) {
    return rows.getOrDefault(table, Set.of());
  }

  /** What the key's counter must say. */
  long count(long key) {
    LongAdder count = counts.get(key);
    return count == null ? 0 : count.sum();
  }
}
