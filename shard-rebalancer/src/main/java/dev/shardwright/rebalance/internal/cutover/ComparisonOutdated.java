package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;

/** Rows came or went since all were compared, and no write tells which: all are compared anew. */
public final class ComparisonOutdated extends ShardException {
  private ComparisonOutdated(String message) {
    super(message, null);
  }

  static void check(ShardId shard, String now, String before) {
    if (!now.equals(before)) {
      throw new ComparisonOutdated(
          "tables or partitions on shard %s were made anew, exchanged, truncated or rewritten since their rows were compared"
              .formatted(shard));
    }
  }
}
