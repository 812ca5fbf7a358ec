/**
 * Work for one query on several shards at the same time: bounded, ended together, and what its
 * failures mean.
 */
@NullMarked
package dev.shardwright.router.internal.scatter.fanout;

import org.jspecify.annotations.NullMarked;
