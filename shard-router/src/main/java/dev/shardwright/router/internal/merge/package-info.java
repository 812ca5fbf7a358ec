/**
 * Puts rows of several shards together as PostgreSQL would have given them: orders them, leaves out
 * doubles, cuts, folds groups. Pure: knows no driver.
 */
@NullMarked
package dev.shardwright.router.internal.merge;

import org.jspecify.annotations.NullMarked;
