package dev.shardwright.router.internal.sql;

import dev.shardwright.topology.Topology;

/** How a write is carried out by several shards. */
interface WriteDivision {
  /**
   * What each shard does.
   *
   * @param destination where the statement goes with these values
   * @throws SqlRefused if it cannot be done shard by shard
   */
  WritePlan plan(Destination destination, ParameterValues values, Topology topology);
}
