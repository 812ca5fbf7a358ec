package dev.shardwright.examples.quickstart;

import com.google.common.collect.Lists;
import dev.shardwright.examples.quickstart.Dataset.CheckedCounter;
import dev.shardwright.examples.quickstart.Dataset.CheckedTable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads every row of every shard directly and compares with the ledger: each row must be there
 * once, on the shard that owns its key.
 */
final class Check {
  private static final int KEYS_AT_ONCE = 1_000;

  private final ShardRouter router;
  private final Dataset dataset;
  private final Ledger ledger;
  private final Keyspace keyspace;
  private final Map<ShardId, Long> rowsPerShard = new TreeMap<>();
  private final Map<String, Long> rowsPerTable = new TreeMap<>();
  private long lost;
  private long doubled;

  private Check(ShardRouter router, Dataset dataset, Ledger ledger) {
    this.router = router;
    this.dataset = dataset;
    this.ledger = ledger;
    this.keyspace = router.keyspace(dataset.keyspace());
  }

  /** Compares databases and ledger; nothing may write meanwhile. */
  static Result run(ShardRouter router, Dataset dataset, Ledger ledger) {
    Check check = new Check(router, dataset, ledger);
    dataset.checkedTables().forEach(check::compareRows);
    check.compareCounts(dataset.checkedCounter());
    return new Result(check.rowsPerShard, check.rowsPerTable, check.lost, check.doubled);
  }

  private void compareRows(CheckedTable table) {
    Set<String> missing = new HashSet<>(ledger.rows(table));
    Set<String> found = new HashSet<>();
    String select = "select " + table.key() + ", " + table.primaryKey() + " from " + table.name();
    for (ShardId shard : router.topology().shards().keySet()) {
      var rows =
          router
              .shard(shard.value())
              .query(select, row -> Map.entry(row.getLong(1), row.getString(2)));
      rowsPerShard.merge(shard, (long) rows.size(), Long::sum);
      rowsPerTable.merge(table.name(), (long) rows.size(), Long::sum);
      for (Map.Entry<Long, String> row : rows) {
        if (!found.add(row.getValue())) {
          doubled++;
        }
        if (router.route(keyspace.name(), row.getKey()).shard().equals(shard)) {
          missing.remove(row.getValue());
        }
      }
    }
    lost += missing.size();
  }

  private void compareCounts(CheckedCounter counter) {
    String select =
        "select %s, %s from %s where %s = any(?)"
            .formatted(counter.key(), counter.column(), counter.table(), counter.key());
    for (List<Long> keys : Lists.partition(dataset.keys(), KEYS_AT_ONCE)) {
      keyspace
          .onEach(keys)
          .query(select, counter.key(), row -> row.getLong(2))
          .forEach((key, counts) -> compareCount(key, counts.isEmpty() ? 0 : counts.get(0)));
    }
  }

  private void compareCount(long key, long found) {
    long expected = ledger.count(key);
    lost += Math.max(0, expected - found);
    doubled += Math.max(0, found - expected);
  }

  /**
   * What was found.
   *
   * @param rowsPerShard of all sharded tables together
   * @param rowsPerTable of all shards together
   * @param lost acknowledged rows that are not on the shard that owns them, and acknowledged
   *     increments that are missing
   * @param doubled rows found twice, and increments that nobody acknowledged
   */
  record Result(
      Map<ShardId, Long> rowsPerShard, Map<String, Long> rowsPerTable, long lost, long doubled) {

    /** Rows of the fullest shard over the average. */
    double skew() {
      double average =
          rowsPerShard.values().stream().mapToLong(Long::longValue).average().orElse(0);
      long max = rowsPerShard.values().stream().mapToLong(Long::longValue).max().orElse(0);
      return average == 0 ? 1 : max / average;
    }
  }
}
