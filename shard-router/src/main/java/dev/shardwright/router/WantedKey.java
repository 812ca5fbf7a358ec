package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.List;

/**
 * A key of a read of many, and the rows that were found for it. Between the start of a part and its
 * end it belongs to the thread that runs the part; before and after, to the thread that reads.
 *
 * @param <K> the key
 * @param <T> its rows
 */
final class WantedKey<K, T> {
  private final K key;
  private ShardId shard;
  private List<T> rows = List.of();
  private boolean failed;

  WantedKey(K key, ShardId shard) {
    this.key = key;
    this.shard = shard;
  }

  K key() {
    return key;
  }

  /** The shard that is asked for its rows. */
  ShardId shard() {
    return shard;
  }

  void askOf(ShardId other) {
    shard = other;
  }

  void add(T row) {
    if (rows.isEmpty()) {
      rows = new ArrayList<>(1);
    }
    rows.add(row);
  }

  /** Before its shard is asked, for the first time or again. */
  void forgetRows() {
    rows = List.of();
  }

  List<T> rows() {
    return rows;
  }

  /** Its shard did not answer. */
  void fail() {
    failed = true;
  }

  boolean hasFailed() {
    return failed;
  }
}
