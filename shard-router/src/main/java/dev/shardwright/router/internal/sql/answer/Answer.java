package dev.shardwright.router.internal.sql.answer;

/**
 * How the answer of a query over several shards is put together. Each kind is exact; a query may
 * have several, of which the first that the types of its columns allow is taken.
 */
public sealed interface Answer permits MergeRows, MergeGroups, Combine, Gather {}
