package dev.shardwright.rebalance.plan;

/** What a plan makes even, each shard having its share by weight. */
public enum Goal {
  /** Tokens of a HASH ring; virtual nodes of a RANGE ring. Needs no measurement. */
  TOKENS,
  ROWS,
  BYTES,
  LOAD;

  /** How the plan's text calls it. */
  String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** That part of the volume; nothing for {@link #TOKENS}, of which no volume tells. */
  long of(Volume volume) {
    return switch (this) {
      case TOKENS -> 0;
      case ROWS -> volume.rows();
      case BYTES -> volume.bytes();
      case LOAD -> volume.load();
    };
  }
}
