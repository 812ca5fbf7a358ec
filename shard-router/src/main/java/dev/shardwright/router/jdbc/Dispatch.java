package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.SessionStatement;
import dev.shardwright.router.internal.sql.destination.Destination;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Carries each statement of a session out where its sharding key says, by itself or as a part of
 * the session's transaction. Used by one thread at a time, but for the parts of a batch.
 */
final class Dispatch {
  private final Engine engine;
  private final Session session;
  private final SessionCommands commands;
  private final OverShards overShards;

  Dispatch(Engine engine, Session session, OverShards overShards) {
    this.engine = engine;
    this.session = session;
    this.commands = new SessionCommands(session);
    this.overShards = overShards;
  }

  /** Carries a statement out. */
  Answered run(Call call) throws SQLException {
    session.checkOpen();
    try {
      Optional<SessionStatement> command = call.analysis().session();
      if (command.isPresent() && commands.run(command.get(), call.analysis().text().text())) {
        return Answered.NOTHING;
      }
      Transaction within = session.transaction();
      return within == null ? inAutocommit(call) : within(within, call);
    } catch (RuntimeException e) {
      throw session.failure(e);
    }
  }

  /** Where an entry of a batch goes. */
  Destination destination(BatchEntry entry) throws SQLException {
    session.checkOpen();
    try {
      return entry.analysis().destination(entry.arguments(), engine.topology());
    } catch (RuntimeException e) {
      throw session.failure(e);
    }
  }

  /** Carries out the part of a batch that goes to one shard. */
  Batch.Outcome runPart(Destination.OneShard destination, Batch part) throws SQLException {
    session.checkOpen();
    Transaction within = session.transaction();
    Target target = ScatterEngine.target(destination);
    try {
      if (within == null) {
        session.checkMayWrite(part.entries().get(0).analysis());
        return engine.runner().run(target, new BatchWork(part, session.state()));
      }
      if (within.isAborted()) {
        throw SqlFailures.aborted();
      }
      return within.on(
          target,
          StatementKind.UPDATE,
          (loan, limit) -> part.on(loan.driver(), /* outlive= */ false, limit));
    } catch (RuntimeException e) {
      throw session.failure(e);
    }
  }

  private Answered inAutocommit(Call call) throws SQLException {
    session.checkMayWrite(call.analysis());
    Destination to = call.analysis().destination(call.arguments(), engine.topology());
    if (to instanceof Destination.OneShard one && !one.keys().isEmpty()) {
      return alone(ScatterEngine.target(one), call);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()), call);
    }
    if (to instanceof Destination.AnyShard) {
      return onAnyShard(call);
    }
    Stay stay = engine.admit(call, /* waits= */ true);
    try {
      return admitted(call, stay);
    } finally {
      stay.end();
    }
  }

  /** Carries out a statement that may be about rows of any keys. */
  private Answered admitted(Call call, Stay stay) throws SQLException {
    Destination to = call.analysis().destination(call.arguments(), stay.routing().topology());
    if (to instanceof Destination.SeveralShards several) {
      return overShards.run(call, several, stay);
    }
    if (to instanceof Destination.OneShard one) {
      return alone(ScatterEngine.target(one).begun(), call);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()), call);
    }
    return onAnyShard(call);
  }

  private Answered alone(Target target, Call call) {
    return engine.runner().run(target, new AutocommitWork(engine, call, session.state()));
  }

  private Answered onAnyShard(Call call) {
    return engine.onAnyShard(() -> new AutocommitWork(engine, call, session.state()));
  }

  private Answered within(Transaction within, Call call) throws SQLException {
    if (within.isAborted()) {
      throw SqlFailures.aborted();
    }
    Destination to = call.analysis().destination(call.arguments(), engine.topology());
    Transaction.OnShard<Answered> work =
        (loan, limit) -> call.on(loan.driver(), /* outlive= */ false, limit);
    if (to instanceof Destination.OneShard one) {
      return within.on(ScatterEngine.target(one), call.kind(), work);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return within.on(new Target.OfSingle(single.keyspace(), single.region()), call.kind(), work);
    }
    if (to instanceof Destination.SeveralShards) {
      return severalWithin(within, call);
    }
    if (within.bound().isPresent()) {
      return within.onBound(work);
    }
    if (isApart(within, call)) {
      // Each statement has a snapshot of its own in such a transaction: it may as well run apart.
      return onAnyShard(call);
    }
    return within.on(new Target.OfShard(engine.anyOrder().get(0)), call.kind(), work);
  }

  /** Whether a statement that any shard can answer need not be part of the transaction. */
  private boolean isApart(Transaction within, Call call) {
    return within.isPlain()
        && engine.onlyReads(call.analysis())
        && !within.isolation().map(IsolationLevel::keepsSnapshot).orElse(false);
  }

  /** Whoever waits within a transaction that is under way may keep others waiting. */
  private Answered severalWithin(Transaction within, Call call) throws SQLException {
    Stay stay = engine.admit(call, /* waits= */ within.bound().isEmpty());
    try {
      Destination to = call.analysis().destination(call.arguments(), stay.routing().topology());
      if (to instanceof Destination.SeveralShards several) {
        return overShards.run(call, several, stay);
      }
    } finally {
      stay.end();
    }
    return within(within, call);
  }
}
