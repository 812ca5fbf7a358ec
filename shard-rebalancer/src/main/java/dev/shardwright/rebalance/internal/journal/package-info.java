/** The journals of migrations in ZooKeeper, and what people want of them. */
@NullMarked
package dev.shardwright.rebalance.internal.journal;

import org.jspecify.annotations.NullMarked;
