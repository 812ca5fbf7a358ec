/** Carries migrations out: who leads, the loop of each migration, and the work of each state. */
@NullMarked
package dev.shardwright.rebalance.internal.driver;

import org.jspecify.annotations.NullMarked;
