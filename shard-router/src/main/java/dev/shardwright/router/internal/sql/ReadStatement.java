package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.SqlRefused.Reason;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;

/**
 * The analysis of a query or of a write.
 *
 * @param kind {@link Analysis.Kind#QUERY} or {@link Analysis.Kind#WRITE}
 * @param route where it goes
 * @param rows the rows of an INSERT … VALUES into a sharded table
 */
record ReadStatement(
    Kind kind,
    boolean givesRows,
    SqlText text,
    int parameters,
    StatementRoute route,
    Optional<InsertRows> rows)
    implements Analysis {

  @Override
  public Destination destination(ParameterValues values, Topology topology) {
    return route.destination(values, topology);
  }

  @Override
  public List<Answer> answers() {
    throw new SqlRefused(
        Reason.NOT_OVER_SHARDS,
        "the statement would span shards: give its sharding key, as in key = ?");
  }

  @Override
  public WritePlan writes(ParameterValues values, Topology topology) {
    return rows.isPresent()
        ? rows.get().plan(values, topology)
        : Analysis.super.writes(values, topology);
  }
}
