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
 * @param firstPinned a key that must be pinned to the shard it is on, which moves nothing, before
 *     its range move moves the pin
 * @param placement where its tokens are at the end
 * @param unbalanced what could not be balanced, and why, in words
 */
public record PlannedRing(
    RingId id,
    Goal goal,
    double skewBefore,
    double skewAfter,
    Optional<Pin> firstPinned,
    Placement placement,
    List<String> unbalanced) {

  /** Copies the list. */
  public PlannedRing {
    unbalanced = List.copyOf(unbalanced);
  }
}
