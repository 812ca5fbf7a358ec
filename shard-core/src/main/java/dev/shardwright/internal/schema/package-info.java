/**
 * What Shardwright keeps in each database: the schema {@code shardwright}, its SQLSTATEs, advisory
 * locks, and the ownership guard; and what sessions there begin with.
 */
@NullMarked
package dev.shardwright.internal.schema;

import org.jspecify.annotations.NullMarked;
