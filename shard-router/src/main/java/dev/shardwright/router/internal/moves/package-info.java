/** What a router does for range moves beside its work: acknowledges, helps, reports its load. */
@NullMarked
package dev.shardwright.router.internal.moves;

import org.jspecify.annotations.NullMarked;
