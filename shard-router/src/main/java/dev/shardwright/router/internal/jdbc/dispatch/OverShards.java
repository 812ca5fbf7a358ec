package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.Explanation;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.internal.jdbc.rows.CutFields;
import dev.shardwright.router.internal.jdbc.session.AnyShard;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.jdbc.statement.Running;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.scatter.Explaining;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Carries out a session's statements that concern several shards, each under a stay that counts for
 * the whole: queries are scattered, writes divided, explanations made up here. Used by one thread
 * at a time.
 */
final class OverShards {
  private final Engine engine;
  private final Session session;
  private final AnyShard anyShard;
  private final DividedWrites writes;

  /**
   * @param multiShardWrites whether the caller has agreed to writes that are not atomic
   */
  OverShards(Engine engine, Session session, boolean multiShardWrites) {
    this.engine = engine;
    this.session = session;
    this.anyShard = new AnyShard(engine, session);
    this.writes = new DividedWrites(engine, session, multiShardWrites);
  }

  Answered run(Call call, Destination.SeveralShards several, Stay stay) throws SQLException {
    return switch (call.analysis().kind()) {
      case QUERY -> scattered(call, several, stay);
      case WRITE -> writes.write(call, several, stay);
      case SCHEMA_CHANGE -> writes.changeSchema(call, several, stay);
      case EXPLAIN -> explained(call, several);
      case SESSION -> throw new IllegalStateException("a session statement goes to one shard");
    };
  }

  private Answered scattered(Call call, Destination.SeveralShards several, Stay stay)
      throws SQLException {
    Transaction within = session.transaction();
    if (within != null) {
      checkNoSnapshot(within);
    }
    ScatterOptions options =
        ScatterOptions.DEFAULTS
            .withDeadline(call.options().deadline(engine.runner().timeouts().statement()))
            .withFetchSize(Math.min(call.options().fetchSize, ScatterOptions.MAX_FETCH_SIZE));
    ScatterQuery query =
        new ScatterQuery(
                call.analysis(),
                call.arguments(),
                several.shards(),
                options,
                session.stateBeside(),
                within == null ? Optional.empty() : within.bound())
            .by(stay);
    ScatterExecution execution =
        engine.scatter().prepare(within == null ? query : query.within(within.began()));
    Running.Cancel cancel = execution::cancel;
    call.running().begin(cancel);
    try {
      long most = call.options().maxRows;
      int longest = call.options().maxFieldSize;
      ResultSet whole = execution.run(null, most > 0 ? most : Long.MAX_VALUE);
      ResultSet rows = longest > 0 ? new CutFields(whole, longest) : whole;
      call.running().reads(execution::abort);
      boolean stays = rows.getHoldability() == ResultSet.HOLD_CURSORS_OVER_COMMIT;
      return within == null
          ? Answered.ofRows(rows, /* tied= */ false)
          : Answered.ofRows(new RowsWithin(rows, within), /* tied= */ !stays);
    } finally {
      call.running().end(cancel);
    }
  }

  private void checkNoSnapshot(Transaction within) throws SQLException {
    IsolationLevel level = within.isolation(anyShard);
    if (level.keepsSnapshot()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          ("a query over several shards within a %s transaction: each shard has a snapshot of its"
                  + " own; use read committed, or give the sharding key")
              .formatted(level.sql()));
    }
  }

  private Answered explained(Call call, Destination.SeveralShards several) throws SQLException {
    Analysis of = call.analysis().explained().orElse(call.analysis());
    if (of.kind() != Analysis.Kind.QUERY) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "EXPLAIN over several shards tells about queries: give the sharding key");
    }
    Explanation explanation =
        new Explaining(call.arguments(), ScatterOptions.DEFAULTS)
            .overShards(several.shards(), of.answers());
    String[] lines = explanation.lines().toArray(String[]::new);
    return Answered.ofRows(anyShard.rowsOf("QUERY PLAN", lines));
  }
}
