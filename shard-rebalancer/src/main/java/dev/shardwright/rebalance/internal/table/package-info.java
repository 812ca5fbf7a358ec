/** What a moving table looks like on a shard, and the SQL that is made from it. */
@NullMarked
package dev.shardwright.rebalance.internal.table;

import org.jspecify.annotations.NullMarked;
