/** Answers that are put together in the JVM while the shards' rows stream through. */
@NullMarked
package dev.shardwright.router.internal.scatter.merging;

import org.jspecify.annotations.NullMarked;
