package dev.shardwright.router.internal.sql;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.DottedName;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The analysis of EXPLAIN.
 *
 * @param statement what is explained
 * @param analyze whether it is carried out as well
 */
record ExplainAnalysis(Scan scan, Analysis statement, boolean analyze) implements Analysis {
  @Override
  public Kind kind() {
    return Kind.EXPLAIN;
  }

  /** What is not carried out may be explained anywhere. */
  @Override
  public boolean writes() {
    return analyze && statement.writes();
  }

  @Override
  public boolean mayBeApart() {
    return !analyze && statement.kind() == Kind.QUERY;
  }

  @Override
  public Set<String> rivals() {
    return analyze ? statement.rivals() : Set.of();
  }

  @Override
  public Set<DottedName> dottedNames() {
    return analyze ? statement.dottedNames() : Set.of();
  }

  @Override
  public Set<String> keyspaces() {
    return statement.keyspaces();
  }

  @Override
  public boolean givesRows() {
    return true;
  }

  @Override
  public SqlText text() {
    return scan.text();
  }

  @Override
  public int parameters() {
    return scan.parameters();
  }

  @Override
  public Optional<Analysis> explained() {
    return Optional.of(statement);
  }

  @Override
  public Destination destination(ParameterValues values, Topology topology) {
    Destination destination = statement.destination(values, topology);
    if (analyze && destination instanceof Destination.SeveralShards) {
      throw new SqlRefused(
          Reason.NOT_OVER_SHARDS,
          "EXPLAIN ANALYZE runs on one shard only: give the sharding key, or leave out ANALYZE");
    }
    return destination;
  }

  @Override
  public boolean answersAnywhere() {
    return statement.answersAnywhere();
  }

  @Override
  public void checkAnyShard() {
    statement.checkAnyShard();
  }

  @Override
  public Set<String> setsLocally() {
    return analyze ? statement.setsLocally() : Set.of();
  }

  @Override
  public void checkAsFirst() {
    if (analyze) {
      statement.checkAsFirst();
    }
  }

  @Override
  public boolean tellsDrawn() {
    return analyze && statement.tellsDrawn();
  }

  @Override
  public List<Answer> answers() {
    return statement.answers();
  }
}
