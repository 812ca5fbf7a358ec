/**
 * The ways in which the answer of a query over several shards is put together: what the planner
 * gives, and the scatter-gather carries out.
 */
@NullMarked
package dev.shardwright.router.internal.sql.answer;

import org.jspecify.annotations.NullMarked;
