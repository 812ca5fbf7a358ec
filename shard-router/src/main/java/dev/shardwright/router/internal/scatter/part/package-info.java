/**
 * One shard's part of a query: what is sent, how its rows are delivered, and the work that does so.
 */
@NullMarked
package dev.shardwright.router.internal.scatter.part;

import org.jspecify.annotations.NullMarked;
