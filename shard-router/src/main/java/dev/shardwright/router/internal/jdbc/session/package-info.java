/** A session over all shards, its transaction, and the shard which that is on. */
@NullMarked
package dev.shardwright.router.internal.jdbc.session;

import org.jspecify.annotations.NullMarked;
