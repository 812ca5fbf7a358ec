package dev.shardwright.router.internal.pool;

import java.util.Optional;

/**
 * A pool at one moment.
 *
 * @param total open connections
 * @param active connections in use
 * @param idle connections free
 * @param waiting threads in line
 * @param failure why the last connection could not be opened; empty if it could
 */
public record PoolState(int total, int active, int idle, int waiting, Optional<String> failure) {
  static final PoolState UNUSED = new PoolState(0, 0, 0, 0, Optional.empty());
}
