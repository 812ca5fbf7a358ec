package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.ShardException;
import java.util.List;

/** A table that moves is defined otherwise than when its rows were verified. */
public final class DefinitionChanged extends ShardException {
  public DefinitionChanged(List<String> changes) {
    super(
        "the tables were changed while their rows moved: %s: change them on all shards, then move again"
            .formatted(changes),
        null);
  }
}
