package dev.shardwright.router.internal.pool;

import java.time.Duration;

/**
 * What all pools of a router have in common.
 *
 * @param maxConnections of one pool
 * @param idleTimeout how long an unused connection is kept
 * @param maxLifetime after which a connection is replaced
 * @param acquire how long a caller waits for a connection
 * @param connect how long opening one may take
 * @param statement how long the server lets a statement run
 * @param pgBouncer whether sessions are shared by a proxy, so that nothing may be kept in them
 */
public record PoolSettings(
    int maxConnections,
    Duration idleTimeout,
    Duration maxLifetime,
    Duration acquire,
    Duration connect,
    Duration statement,
    boolean pgBouncer) {}
