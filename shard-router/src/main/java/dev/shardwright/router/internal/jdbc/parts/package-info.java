/**
 * A write in parts, each a transaction of its own on its shard, and what comes of them together.
 */
@NullMarked
package dev.shardwright.router.internal.jdbc.parts;

import org.jspecify.annotations.NullMarked;
