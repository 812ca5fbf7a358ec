package dev.shardwright.router.internal.sql;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.Scan;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The analysis of a schema change or of a statement about the session.
 *
 * @param session empty for a schema change
 */
record CommandAnalysis(Kind kind, Scan scan, Optional<SessionStatement> session)
    implements Analysis {

  @Override
  public boolean givesRows() {
    return session.filter(SessionStatement.Show.class::isInstance).isPresent();
  }

  @Override
  public boolean mayBeApart() {
    return session.isPresent()
        && session.get() instanceof SessionStatement.Show show
        && !show.isOfTransaction();
  }

  @Override
  public SqlText text() {
    return scan.text();
  }

  @Override
  public int parameters() {
    return scan.parameters();
  }

  /** A schema change goes to all shards. */
  @Override
  public Destination destination(ParameterValues values, Topology topology) {
    if (session.isPresent()) {
      if (session.get() instanceof SessionStatement.OneShardOnly only) {
        throw new SqlRefused(
            Reason.SESSION_FEATURE,
            only.command()
                + " has a meaning on one shard only: use a connection that is bound to a key");
      }
      return new Destination.AnyShard();
    }
    SortedSet<ShardId> shards = new TreeSet<>(topology.shards().keySet());
    if (shards.size() > 1) {
      ColumnFilling.check(scan, topology);
    }
    return shards.size() == 1
        ? new Destination.OneShard("", Region.ALL, shards.first(), List.of())
        : new Destination.SeveralShards(shards);
  }

  @Override
  public List<Answer> answers() {
    throw new SqlRefused(
        Reason.NOT_OVER_SHARDS, "the statement is no query: it has no answer over several shards");
  }
}
