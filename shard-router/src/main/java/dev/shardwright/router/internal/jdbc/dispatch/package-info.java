/** Decides on which shards a statement or batch of a session is carried out, and does it. */
@NullMarked
package dev.shardwright.router.internal.jdbc.dispatch;

import org.jspecify.annotations.NullMarked;
