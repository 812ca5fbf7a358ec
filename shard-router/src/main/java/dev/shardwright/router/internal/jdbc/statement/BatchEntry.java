package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.topology.Topology;

/**
 * One statement of a batch.
 *
 * @param prepared whether the caller prepared it
 * @param arguments as they were when it was added
 */
public record BatchEntry(Analysis analysis, boolean prepared, Arguments arguments) {
  /** Where it goes under a snapshot. */
  public Destination destination(Topology topology) {
    return analysis.destination(arguments, topology);
  }

  /** The rows that it may be about. */
  Reach reach(Routing routing) {
    return destination(routing.topology()) instanceof Destination.OneShard one
            && !one.keys().isEmpty()
        ? ScatterEngine.target(one)
        : new Reach.OfKeyspaces(analysis.keyspaces());
  }
}
