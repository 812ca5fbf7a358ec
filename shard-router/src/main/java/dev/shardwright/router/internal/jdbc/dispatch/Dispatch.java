package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.OnShard;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.scatter.part.Instants;
import dev.shardwright.router.internal.sql.SessionStatement;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.Topology;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Carries each statement of a session out where its sharding key says, by itself or as a part of
 * the session's transaction. Used by one thread at a time.
 */
public final class Dispatch {
  private static final Optional<SqlText> NOT_APART = Optional.empty();

  private final Engine engine;
  private final Session session;
  private final boolean multiShardWrites;

  /** Where a statement goes under one snapshot. */
  private record Way(Destination to, Topology topology) {
    static Way of(Call call, Topology topology) {
      return new Way(call.analysis().destination(call.arguments(), topology), topology);
    }

    /** Where it goes under what its work goes by. */
    @SuppressWarnings("ReferenceEquality") // it nearly always is the very one looked at before
    Destination under(Call call, Stay stay) {
      Topology by = stay.routing().topology();
      return by == topology ? to : of(call, by).to();
    }
  }

  /**
   * @param multiShardWrites whether the caller has agreed to writes that are not atomic
   */
  public Dispatch(Engine engine, Session session, boolean multiShardWrites) {
    this.engine = engine;
    this.session = session;
    this.multiShardWrites = multiShardWrites;
  }

  /** Carries a statement out. */
  public Answered run(Call call) throws SQLException {
    session.checkOpen();
    try {
      if (isCommand(call)) {
        return Answered.NOTHING;
      }
      Transaction within = session.transaction();
      return within == null ? inAutocommit(call) : within(within, call);
    } catch (RuntimeException e) {
      throw session.failure(e);
    }
  }

  /** Carries a statement out that is about the session itself; false if it is another. */
  private boolean isCommand(Call call) throws SQLException {
    Optional<SessionStatement> command = call.analysis().session();
    if (command.isEmpty()) {
      return false;
    }
    Transaction within = session.transaction();
    try {
      return new SessionCommands(engine, session).run(command.get(), call.analysis().text().text());
    } catch (SQLException e) {
      if (within != null) {
        within.fail(e);
      }
      throw e;
    }
  }

  private Answered inAutocommit(Call call) throws SQLException {
    session.checkMayWrite(call.analysis());
    call.analysis().checkAsFirst();
    Way way = Way.of(call, engine.topology());
    Destination to = way.to();
    if (to instanceof Destination.OneShard one && !one.keys().isEmpty()) {
      return ofKeys(call, one);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()), call);
    }
    return to instanceof Destination.AnyShard ? onAnyShard(call) : asAWhole(call, way);
  }

  /** Several keys may be on several shards by the time that it is their turn. */
  private Answered ofKeys(Call call, Destination.OneShard to) throws SQLException {
    try {
      return alone(ScatterEngine.target(to), call);
    } catch (RangeMoved e) {
      Way now = Way.of(call, engine.topology());
      if (now.to().equals(to)) {
        throw e;
      }
      return asAWhole(call, now);
    }
  }

  /** No row that it may be about changes hands while it runs. */
  private Answered asAWhole(Call call, Way way) throws SQLException {
    Stay stay = engine.admit(call, /* waits= */ true);
    try {
      return admitted(call, way.under(call, stay), stay);
    } finally {
      stay.end();
    }
  }

  /** Carries out a statement that may be about rows of any keys. */
  private Answered admitted(Call call, Destination to, Stay stay) throws SQLException {
    if (to instanceof Destination.SeveralShards several) {
      return overShards().run(call, several, stay);
    }
    if (to instanceof Destination.OneShard one) {
      return alone(ScatterEngine.target(one).begun(stay), call);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()).begun(stay), call);
    }
    return onAnyShard(call);
  }

  private Answered alone(Target target, Call call) {
    return engine.runner().run(target, new AutocommitWork(engine, call, session));
  }

  private Answered onAnyShard(Call call) {
    engine.scatter().checkAnyShard(call.analysis());
    return engine.onAnyShard(() -> new AutocommitWork(engine, call, session));
  }

  private Answered within(Transaction within, Call call) throws SQLException {
    if (within.isAborted()) {
      throw SqlFailures.aborted();
    }
    if (!within.isBound()) {
      call.analysis().checkAsFirst();
    }
    session.setsLocally(call.analysis());
    Way way = Way.of(call, engine.topology());
    Destination to = way.to();
    if (to instanceof Destination.OneShard one && (!one.keys().isEmpty() || within.isBound())) {
      return within.on(
          Engine.target(call.analysis(), call.arguments(), one), call.kind(), work(call));
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return within.on(
          new Target.OfSingle(single.keyspace(), single.region()), call.kind(), work(call));
    }
    if (to instanceof Destination.AnyShard) {
      return onAnyShard(within, call);
    }
    // Whoever waits within a transaction that is under way may keep others waiting.
    Stay stay = engine.admit(call, /* waits= */ !within.isBound());
    try {
      return admitted(within, call, way.under(call, stay), stay);
    } finally {
      stay.end();
    }
  }

  /** Carries out a statement of a transaction that may be about rows of any keys. */
  private Answered admitted(Transaction within, Call call, Destination to, Stay stay)
      throws SQLException {
    if (to instanceof Destination.SeveralShards several) {
      return overShards().run(call, several, stay);
    }
    if (to instanceof Destination.OneShard one) {
      return within.on(
          Engine.target(call.analysis(), call.arguments(), one).begun(stay),
          call.kind(),
          work(call));
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return within.on(
          new Target.OfSingle(single.keyspace(), single.region()).begun(stay),
          call.kind(),
          work(call));
    }
    return onAnyShard(within, call);
  }

  private Answered onAnyShard(Transaction within, Call call) throws SQLException {
    if (within.isBound()) {
      return within.onBound(work(call));
    }
    Optional<SqlText> apart = isApart(within, call) ? call.analysis().atOneMoment() : NOT_APART;
    if (apart.isPresent()) {
      // Each statement has a snapshot of its own in such a transaction: it may as well run apart.
      return onAnyShard(
          apart.get().equals(call.text()) ? call : call.with(apart.get(), instants(within)));
    }
    engine.scatter().checkAnyShard(call.analysis());
    return within.on(new Target.OfShard(engine.anyOrder().get(0)), call.kind(), work(call));
  }

  private OnShard<Answered> work(Call call) {
    Call here = changeable(call).under(session.view());
    return OnShard.asked(
        call.options(),
        call.running(),
        (loan, limit) -> here.on(loan.driver(), /* outlive= */ false, limit));
  }

  /** Rows of a reference table, changed in place, would be others on one shard than elsewhere. */
  private Call changeable(Call call) {
    boolean replicated = call.analysis().readsReferences() && engine.topology().shards().size() > 1;
    return replicated ? call.readOnly() : call;
  }

  /** Whether a statement that any shard can answer need not be part of the transaction. */
  private boolean isApart(Transaction within, Call call) {
    return within.isPlain()
        && (engine.scatter().mayBeApart(call.analysis())
            || (engine.scatter().actsOnRowsAlone(call.analysis()) && !within.isToldReadOnly()))
        && !within.isolation().orElseGet(this::defaultIsolation).keepsSnapshot();
  }

  /** What time it is in a transaction that has no shard yet. */
  private static Instants instants(Transaction within) throws SQLException {
    OffsetDateTime began = within.began(); // first, so that no statement starts before
    return new Instants(began, OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
  }

  private IsolationLevel defaultIsolation() {
    return session.view().settings().pooled().isolation();
  }

  private OverShards overShards() {
    return new OverShards(engine, session, multiShardWrites);
  }
}
