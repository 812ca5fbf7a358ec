package dev.shardwright.rebalance.internal.copy;

/**
 * How much went over.
 *
 * @param rows how many
 * @param bytes as they went over the network
 */
record Copied(long rows, long bytes) {
  static final Copied NOTHING = new Copied(0, 0);
}
