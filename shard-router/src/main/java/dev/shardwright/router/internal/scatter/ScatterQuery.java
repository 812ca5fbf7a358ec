package dev.shardwright.router.internal.scatter;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.internal.sql.Analysis;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A query over several shards.
 *
 * @param analysis what its text says
 * @param parameters its parameters
 * @param shards the shards that it is about, as {@link Analysis#destination} told
 * @param options its bounds
 * @param session what the session has set
 * @param bound the shard of the transaction that the query is part of; empty outside transactions
 */
public record ScatterQuery(
    Analysis analysis,
    ParameterSource parameters,
    SortedSet<ShardId> shards,
    ScatterOptions options,
    SessionState session,
    Optional<BoundShard> bound) {}
