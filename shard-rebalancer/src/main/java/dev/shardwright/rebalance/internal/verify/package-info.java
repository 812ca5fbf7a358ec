/** Compares every row of a range move on both sides. */
@NullMarked
package dev.shardwright.rebalance.internal.verify;

import org.jspecify.annotations.NullMarked;
