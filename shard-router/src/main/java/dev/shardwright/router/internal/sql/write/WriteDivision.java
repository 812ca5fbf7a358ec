package dev.shardwright.router.internal.sql.write;

import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.topology.Topology;
import java.util.Optional;

/** How a write is carried out by several shards. */
public interface WriteDivision {
  /**
   * What each shard does.
   *
   * @param destination where the statement goes with these values
   * @throws SqlRefused if it cannot be done shard by shard
   */
  WritePlan plan(Destination destination, ParameterValues values, Topology topology);

  /** What it leaves to each shard of a reference table; empty if it is of another. */
  default Optional<ReferenceWrite> toReferenceTable() {
    return Optional.empty();
  }
}
