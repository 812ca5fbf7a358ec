/**
 * Finds out what is where, at a bounded cost: rows and bytes of each virtual node, and heavy keys,
 * from PostgreSQL's statistics and samples of the tables; load from what routers report. Reads
 * only.
 */
@NullMarked
package dev.shardwright.rebalance.internal.sample;

import org.jspecify.annotations.NullMarked;
