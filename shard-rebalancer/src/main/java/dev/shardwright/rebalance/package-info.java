/**
 * Skew, plans and migrations: the facade that plans, starts and watches range moves. Arrives with
 * the rebalancer.
 */
@NullMarked
package dev.shardwright.rebalance;

import org.jspecify.annotations.NullMarked;
