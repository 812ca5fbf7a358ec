package dev.shardwright.rebalance.plan;

import dev.shardwright.ring.RangeTransfer;
import java.time.Duration;

/**
 * A range move that a plan asks for.
 *
 * @param ring where
 * @param transfer from which shard to which, and which tokens
 * @param reason why, in words
 * @param skewBefore max over average of the plan's goal before this move
 * @param skewAfter the same after it
 * @param volume what moves
 * @param estimate how long copying takes at the rate of the plan's options
 */
public record PlannedMove(
    RingId ring,
    RangeTransfer transfer,
    String reason,
    double skewBefore,
    double skewAfter,
    Volume volume,
    Duration estimate) {}
