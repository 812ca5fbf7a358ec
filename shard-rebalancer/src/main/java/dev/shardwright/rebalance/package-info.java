/**
 * Moves ranges of keys between live shards: the facade that plans, starts and watches migrations,
 * and steers them from any process.
 */
@NullMarked
package dev.shardwright.rebalance;

import org.jspecify.annotations.NullMarked;
