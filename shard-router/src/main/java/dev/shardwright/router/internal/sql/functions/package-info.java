/**
 * What PostgreSQL's functions and columns mean when a statement runs on several shards: which are
 * aggregates, which have effects, which say the time, which have no exact answer.
 */
@NullMarked
package dev.shardwright.router.internal.sql.functions;

import org.jspecify.annotations.NullMarked;
