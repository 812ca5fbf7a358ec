/** What a migration does next: its states, and the decisions between them. Pure. */
@NullMarked
package dev.shardwright.rebalance.internal.migration;

import org.jspecify.annotations.NullMarked;
