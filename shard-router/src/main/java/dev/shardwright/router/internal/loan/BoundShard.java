package dev.shardwright.router.internal.loan;

import dev.shardwright.ring.ShardId;
import java.sql.Connection;

/**
 * The shard that a transaction is bound to: its part of a statement runs on the transaction's own
 * connection, so that the statement sees what the transaction wrote.
 *
 * @param connection not in autocommit mode; stays the caller's
 */
public record BoundShard(ShardId shard, Connection connection) {}
