package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Placement;
import java.util.List;
import java.util.Optional;

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
 * @param unbalanced what could not be balanced, and why, in words
 */
public record PlannedRing(
    RingId id,
    Goal goal,
    double skewBefore,
    double skewAfter,
    Optional<Pin> pinned,
    Placement placement,
    List<String> unbalanced) {

  /** Copies the list. */
  public PlannedRing {
    unbalanced = List.copyOf(unbalanced);
  }
}
