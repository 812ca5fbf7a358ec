package dev.shardwright.rebalance.internal.cutover;

import java.time.Duration;

/**
 * How long work on the ranges waited at a cutover that succeeded, part by part.
 *
 * @param routers until all routers waited
 * @param gate until the last writer in the database had ended
 * @param drain until the key logs were empty
 * @param fence until the old owner refused the ranges
 * @param commit until the topology had another owner
 * @param open until that owner accepted them
 */
public record CutoverPause(
    Duration routers,
    Duration gate,
    Duration drain,
    Duration fence,
    Duration commit,
    Duration open) {
  /** From the hold to the end. */
  public Duration total() {
    return routers.plus(gate).plus(drain).plus(fence).plus(commit).plus(open);
  }
}
