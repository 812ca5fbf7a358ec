package dev.shardwright.router.internal.scatter.part;

import java.time.OffsetDateTime;

/**
 * What the functions that say what time it is say on every shard.
 *
 * @param transaction when the transaction began: {@code now()}, {@code current_date} and their like
 * @param statement when the statement began: {@code statement_timestamp()}
 */
public record Instants(OffsetDateTime transaction, OffsetDateTime statement) {}
