/**
 * The registered tables that a statement names, and which parts of a query can be worked out on
 * each shard by itself.
 */
@NullMarked
package dev.shardwright.router.internal.sql.tables;

import org.jspecify.annotations.NullMarked;
