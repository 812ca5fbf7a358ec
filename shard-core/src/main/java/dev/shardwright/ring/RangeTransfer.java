package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Tokens that one shard gives to another: what a range move carries out.
 *
 * @param source the owner before
 * @param target the owner after; another shard
 * @param ranges the tokens; never empty
 */
public record RangeTransfer(ShardId source, ShardId target, KeyRangeSet ranges) {
  /**
   * @throws IllegalArgumentException if there is nothing to move
   */
  public RangeTransfer {
    checkArgument(!source.equals(target), "shard %s cannot give tokens to itself", source);
    checkArgument(!ranges.isEmpty(), "shard %s gives no token to %s", source, target);
  }
}
