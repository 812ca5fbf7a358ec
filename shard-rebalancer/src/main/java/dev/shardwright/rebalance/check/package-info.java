/** What stands in the way of a plan, or may, and what to do about it. Pure. */
@NullMarked
package dev.shardwright.rebalance.check;

import org.jspecify.annotations.NullMarked;
