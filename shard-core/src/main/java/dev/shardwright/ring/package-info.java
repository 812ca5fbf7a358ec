/**
 * Where a sharding key belongs: tokens, key ranges, virtual nodes, rings, their difference, and
 * placement by tokens. Pure.
 */
@NullMarked
package dev.shardwright.ring;

import org.jspecify.annotations.NullMarked;
