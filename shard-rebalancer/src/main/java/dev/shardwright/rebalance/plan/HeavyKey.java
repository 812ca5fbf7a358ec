package dev.shardwright.rebalance.plan;

/**
 * A key that has so much that it counts alone: no ring can divide it.
 *
 * @param key the key as text, for people
 * @param token its token
 * @param volume what it has; part of what its virtual node has, unless it is pinned
 * @param pinned whether a pin says where it is, apart from the ring
 */
public record HeavyKey(String key, long token, Volume volume, boolean pinned) {
  /** One that the ring places. */
  public HeavyKey(String key, long token, Volume volume) {
    this(key, token, volume, false);
  }
}
