package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.ShardException;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.ring.ShardId;
import java.util.Collection;
import java.util.SortedSet;

/**
 * Tables that move are not defined any more as when the captures were installed: what a change of
 * the schema does to rows, the captures do not see.
 */
public final class DefinitionChanged extends ShardException {
  private DefinitionChanged(ShardId shard, Collection<String> tables) {
    super(
        "tables %s were changed on shard %s while their rows moved: change them on all shards, then move again"
            .formatted(tables, shard),
        null);
  }

  /**
   * Compares the definitions of now.
   *
   * @param before the fingerprints of earlier
   * @throws DefinitionChanged if tables are not the same
   */
  public static void check(ShardId shard, DefinitionDigest now, String before) {
    SortedSet<String> changed = now.changedSince(before);
    if (!changed.isEmpty()) {
      throw new DefinitionChanged(shard, changed);
    }
  }
}
