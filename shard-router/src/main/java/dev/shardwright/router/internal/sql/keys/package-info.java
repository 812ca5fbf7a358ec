/**
 * Which conditions a statement puts on sharding keys, and how keys flow through joins, subqueries,
 * CTEs and set operations.
 */
@NullMarked
package dev.shardwright.router.internal.sql.keys;

import org.jspecify.annotations.NullMarked;
