/** Finds the shard for a piece of work under one snapshot of the topology. */
@NullMarked
package dev.shardwright.router.internal.route;

import org.jspecify.annotations.NullMarked;
