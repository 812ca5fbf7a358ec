/** Carries work out on one shard, and does it again where that is right. */
@NullMarked
package dev.shardwright.router.internal.run;

import org.jspecify.annotations.NullMarked;
