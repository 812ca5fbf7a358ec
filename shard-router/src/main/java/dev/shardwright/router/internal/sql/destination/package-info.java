/**
 * From what a statement says of its keys, and the values of its parameters, to the shards that it
 * goes to.
 */
@NullMarked
package dev.shardwright.router.internal.sql.destination;

import org.jspecify.annotations.NullMarked;
