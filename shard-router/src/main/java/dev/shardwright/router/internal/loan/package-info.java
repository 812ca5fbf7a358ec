/**
 * Connections of shards as a session has them, lent by a pool with what the session has set, or
 * bound by its transaction.
 */
@NullMarked
package dev.shardwright.router.internal.loan;

import org.jspecify.annotations.NullMarked;
