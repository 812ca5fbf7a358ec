package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import java.util.List;
import java.util.Optional;

/**
 * A router at one moment, for health checks and people.
 *
 * @param router the router's number in its cluster
 * @param zookeeperConnected whether changes of the topology can arrive; traffic goes on without
 * @param epoch the topology that work is routed by
 * @param pools the connections to each endpoint
 */
public record RouterHealth(
    int router, boolean zookeeperConnected, Epoch epoch, List<PoolHealth> pools) {

  /** Keeps an unmodifiable copy of the pools. */
  public RouterHealth {
    pools = List.copyOf(pools);
  }

  /**
   * The connections to one endpoint.
   *
   * @param shard the shard
   * @param endpoint where they go
   * @param total open
   * @param active in use
   * @param idle free
   * @param waiting threads in line for one
   * @param failure why the last connection could not be opened; empty if it could, or none was
   *     tried
   */
  public record PoolHealth(
      ShardId shard,
      Endpoint endpoint,
      int total,
      int active,
      int idle,
      int waiting,
      Optional<String> failure) {}
}
