package dev.shardwright.rebalance.internal.cutover;

import java.sql.Connection;

/**
 * The sessions of an attempt, all of them open and used by it alone.
 *
 * @param gate on the shard that loses the ranges: holds the gate
 * @param from on the same shard
 * @param to on the shard that gets them
 */
public record Links(Connection gate, Connection from, Connection to) {}
