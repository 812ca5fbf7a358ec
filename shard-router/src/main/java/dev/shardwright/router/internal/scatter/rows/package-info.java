/**
 * The rows of shards as the driver gives them: their columns, the keys of their order, their texts.
 */
@NullMarked
package dev.shardwright.router.internal.scatter.rows;

import org.jspecify.annotations.NullMarked;
