package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.parts.PartsRun;
import dev.shardwright.router.internal.jdbc.parts.WriteRun;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.scatter.part.Instants;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.write.ReferenceWrite;
import dev.shardwright.router.internal.sql.write.ShardWrite;
import dev.shardwright.router.internal.sql.write.WritePlan;
import dev.shardwright.topology.Region;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides a session's writes among shards and carries the parts out, each a transaction of its own
 * on its shard. Refuses what is not atomic then, unless the session allows it. Used by one thread
 * at a time.
 */
final class DividedWrites {
  private final Engine engine;
  private final Session session;

  /** Whether the caller has agreed to writes that are not atomic. */
  private final boolean allowed;

  DividedWrites(Engine engine, Session session, boolean allowed) {
    this.engine = engine;
    this.session = session;
    this.allowed = allowed;
  }

  Answered write(Call call, Destination.SeveralShards several, Stay stay) throws SQLException {
    WritePlan plan = call.analysis().writes(call.arguments(), stay.routing().topology());
    checkAllowed("a write to the shards " + several.shards(), /* rowsListed= */ isListed(plan));
    call.analysis()
        .toReferenceTable()
        .filter(ReferenceWrite::leavesAnything)
        .ifPresent(engine.scatter()::checkAlike);
    return carriedOut(call, plan, stay);
  }

  /** The same change on all shards. */
  Answered changeSchema(Call call, Destination.SeveralShards several, Stay stay)
      throws SQLException {
    checkAllowed("a schema change on all shards", /* rowsListed= */ false);
    try {
      return carriedOut(call, everywhere(call, several), stay);
    } finally {
      engine.scatter().schemaChanged();
    }
  }

  private void checkAllowed(String what, boolean rowsListed) {
    if (session.transaction() != null) {
      throw new SqlRefused(
          SqlRefused.Reason.WRITES_SEVERAL_SHARDS,
          what
              + " cannot be part of a transaction, which is on one shard: use autocommit, or"
              + " write the rows of one sharding key at a time");
    }
    if (!rowsListed && !allowed) {
      throw new SqlRefused(
          SqlRefused.Reason.WRITES_SEVERAL_SHARDS,
          what
              + " is not atomic: give the sharding key, or allow it with the connection property"
              + " multiShardWrites=per-shard, one transaction for each shard");
    }
  }

  /** Whether all rows that are written stand in the statement: those of INSERT … VALUES. */
  private static boolean isListed(WritePlan plan) {
    return plan.writes().stream().noneMatch(write -> write.rows().isEmpty());
  }

  private static WritePlan everywhere(Call call, Destination.SeveralShards several) {
    return new WritePlan(
        several.shards().stream()
            .map(shard -> new Destination.OneShard("", Region.ALL, shard, List.of()))
            .map(shard -> new ShardWrite(shard, call.text(), List.of()))
            .toList(),
        /* replicated= */ true);
  }

  private Answered carriedOut(Call call, WritePlan plan, Stay stay) throws SQLException {
    engine.scatter().checkCalls(call.analysis());
    List<PartsRun.Part<Answered>> parts = new ArrayList<>();
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    plan.writes().forEach(write -> parts.add(() -> carriedOut(call, write, now, stay)));
    return WriteRun.answered(
        plan, engine.atOnce(parts, call.options(), call.running()), call.options().maxRows);
  }

  private Answered carriedOut(Call call, ShardWrite part, OffsetDateTime now, Stay stay)
      throws SQLException {
    try {
      return engine
          .runner()
          .run(
              ScatterEngine.target(part.destination()).begun(stay),
              new AutocommitWork(engine, call.with(part.text(), new Instants(now, now)), session));
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }
}
