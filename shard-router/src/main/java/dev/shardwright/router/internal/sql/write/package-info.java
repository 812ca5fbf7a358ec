/**
 * How a write is divided among shards: rows by their keys, or the whole of it on each shard; and
 * which writes would move a row.
 */
@NullMarked
package dev.shardwright.router.internal.sql.write;

import org.jspecify.annotations.NullMarked;
