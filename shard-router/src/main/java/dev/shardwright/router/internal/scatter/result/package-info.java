/** The answer of several shards as one result, row by row, with its metadata. */
@NullMarked
package dev.shardwright.router.internal.scatter.result;

import org.jspecify.annotations.NullMarked;
