/**
 * What a service embeds: route a sharding key to its shard, run work there, retry what is safe to
 * retry.
 */
@NullMarked
package dev.shardwright.router;

import org.jspecify.annotations.NullMarked;
