/**
 * From the text of a statement to the decision where it runs and how its answer is put together.
 * What it takes is below: scanned, parsed, its keys found, its destination chosen, its answer or
 * its writes planned. Pure: speaks to no database.
 */
@NullMarked
package dev.shardwright.router.internal.sql;

import org.jspecify.annotations.NullMarked;
