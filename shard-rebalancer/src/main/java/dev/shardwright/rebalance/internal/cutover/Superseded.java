package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.ShardException;

/** Another leader has taken the migration over: this one must let it go. */
public final class Superseded extends ShardException {
  public Superseded(int migration, int token) {
    super(
        "migration %d is carried out by another leader, not by the one with token %d"
            .formatted(migration, token),
        null);
  }
}
