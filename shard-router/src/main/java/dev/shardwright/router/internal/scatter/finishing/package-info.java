/**
 * Answers that PostgreSQL itself finishes on one shard, from partial results or from copies of
 * rows.
 */
@NullMarked
package dev.shardwright.router.internal.scatter.finishing;

import org.jspecify.annotations.NullMarked;
