package dev.shardwright.rebalance.plan;

import com.google.common.collect.ImmutableSortedSet;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What becomes of one ring when a plan is carried out.
 *
 * @param id which ring
 * @param goal what its skew is measured in
 * @param skewBefore max over average now
 * @param skewAfter max over average at the end
 * @param pinned a key that becomes a pin on the shard that it is on, as its range move begins,
 *     which takes the pin along; at once if it is to stay there
 * @param placement where its tokens are at the end
 * @param notEmptied the shards that are to have nothing and have tokens at the end all the same
 * @param unbalanced what could not be balanced, and why, in words
 */
public record PlannedRing(
    RingId id,
    Goal goal,
    double skewBefore,
    double skewAfter,
    Optional<Pin> pinned,
    Placement placement,
    SortedSet<ShardId> notEmptied,
    List<String> unbalanced) {

  /** Copies the set and the list. */
  public PlannedRing {
    notEmptied = ImmutableSortedSet.copyOf(notEmptied);
    unbalanced = List.copyOf(unbalanced);
  }
}
