/**
 * Runs one statement on many shards at once, bounded and with one deadline, and hands out its
 * answer as one result.
 */
@NullMarked
package dev.shardwright.router.internal.scatter;

import org.jspecify.annotations.NullMarked;
