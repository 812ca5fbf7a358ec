/** What must be so, and what had better be so, before a migration begins: one small check each. */
@NullMarked
package dev.shardwright.rebalance.internal.preflight;

import org.jspecify.annotations.NullMarked;
