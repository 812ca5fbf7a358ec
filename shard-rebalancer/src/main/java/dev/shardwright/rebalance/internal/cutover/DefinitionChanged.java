package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.ShardException;
import dev.shardwright.rebalance.internal.table.DefinitionDigest;
import dev.shardwright.ring.ShardId;
import java.util.Collection;
import java.util.SortedSet;

/**
 * Tables that move are not defined any more as when the captures were installed, were written
 * without them, or have triggers that act on copies: what a change of the schema does to rows, the
 * captures do not see.
 */
public final class DefinitionChanged extends ShardException {
  private DefinitionChanged(String message) {
    super(message, null);
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
      throw new DefinitionChanged(
          "tables %s were changed on shard %s while their rows moved: change them on all shards, then move again"
              .formatted(changed, shard));
    }
  }

  /**
   * Looks whether all that is written is logged.
   *
   * @param uncaptured what lets rows by
   * @throws DefinitionChanged if anything does
   */
  public static void checkCaptured(ShardId shard, Collection<String> uncaptured) {
    if (!uncaptured.isEmpty()) {
      throw new DefinitionChanged(
          "rows may have been written on shard %s that the range move did not see: %s; alter table … enable always trigger for its gates, and rename others to sort before them, then move again"
              .formatted(shard, uncaptured));
    }
  }

  /**
   * Looks whether rows that are copied stay what they were, and do nothing else.
   *
   * @param acting what acts on them
   * @throws DefinitionChanged if anything does
   */
  public static void checkTriggers(ShardId shard, Collection<String> acting) {
    if (!acting.isEmpty()) {
      throw new DefinitionChanged(
          "on shard %s these act on rows that are copied: %s; alter table … enable trigger, or let the role set session_replication_role, then move again"
              .formatted(shard, String.join(", ", acting)));
    }
  }
}
