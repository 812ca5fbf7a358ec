package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.topology.Topology;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a batch.
 *
 * @param sql as the caller wrote it
 * @param read null where it is read only when it is its turn
 * @param prepared whether the caller prepared it
 * @param arguments as they were when it was added
 */
public record BatchEntry(
    String sql, @Nullable Analysed read, boolean prepared, Arguments arguments) {
  /** A text that was not prepared. */
  public static BatchEntry of(String sql, @Nullable Analysed read) {
    return new BatchEntry(sql, read, /* prepared= */ false, Arguments.NONE);
  }

  /** The same, read at another time. */
  public BatchEntry as(Analysed now) {
    return new BatchEntry(sql, now, prepared, arguments);
  }

  /** How it was read. */
  public Analysis analysis() {
    if (read == null) {
      throw new IllegalStateException("what the session is told before decides how it is read");
    }
    return read.analysis();
  }

  /** Whether what comes after it can be read only when it has been carried out. */
  public boolean decidesHowToReadOn() {
    return read == null || read.analysis().session().isPresent();
  }

  /** Where it goes under a snapshot. */
  public Destination destination(Topology topology) {
    return analysis().destination(arguments, topology);
  }

  /** The rows that it may be about. */
  public Reach reach(Routing routing) {
    return destination(routing.topology()) instanceof Destination.OneShard one
            && !one.keys().isEmpty()
        ? ScatterEngine.target(one)
        : new Reach.OfKeyspaces(analysis().keyspaces());
  }
}
