package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.sql.Analysis;

/**
 * One statement of a batch.
 *
 * @param prepared whether the caller prepared it
 * @param arguments as they were when it was added
 */
record BatchEntry(Analysis analysis, boolean prepared, Arguments arguments) {}
