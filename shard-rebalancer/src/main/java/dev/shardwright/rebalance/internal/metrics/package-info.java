/** What the rebalancer counts, times and shows. */
@NullMarked
package dev.shardwright.rebalance.internal.metrics;

import org.jspecify.annotations.NullMarked;
