/**
 * From the text of a statement to the decision where it runs and how its answer is put together:
 * scan, parse, find the keys, choose one shard or several, split into shard part and last part.
 * Pure: speaks to no database.
 */
@NullMarked
package dev.shardwright.router.internal.sql;

import org.jspecify.annotations.NullMarked;
