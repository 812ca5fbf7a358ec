package dev.shardwright.topology.zookeeper;

/**
 * The last numbers of each kind that a cluster gave away; it gives none of them twice.
 *
 * @param router of a router
 * @param migration of a migration
 * @param leader the fencing token of a leader
 */
public record GivenNumbers(int router, int migration, int leader) {
  /** These and so many more of each. */
  public GivenNumbers plus(int margin) {
    return new GivenNumbers(router + margin, migration + margin, leader + margin);
  }
}
