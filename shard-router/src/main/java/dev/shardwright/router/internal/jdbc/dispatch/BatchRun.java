package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.parts.PartEnd;
import dev.shardwright.router.internal.jdbc.parts.PartFates;
import dev.shardwright.router.internal.jdbc.parts.PartsRun;
import dev.shardwright.router.internal.jdbc.rows.RowsInOrder;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.OnShard;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.jdbc.statement.BatchEntry;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.sql.Analysis;
import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries a batch out: what goes to the same shard goes there together, as one transaction, and the
 * shards work at the same time. As a part of the session's transaction, it has to stay on the shard
 * of that. Where an entry concerns several shards, or the session, all are carried out one after
 * the other. Used once, by one thread.
 */
public final class BatchRun {
  /** How many entries a message names. */
  private static final int MOST_TOLD = 100;

  private final Engine engine;
  private final Session session;
  private final Dispatch dispatch;
  private final Reading reading;
  private final Batch all;
  private final long[] counts;

  /** For each entry, whose generated keys are its own. */
  private final Answered[] keysOf;

  /** The entries of which nobody knows whether they were carried out. */
  private final List<Integer> unknown = new ArrayList<>();

  private @Nullable SQLException failure;

  /** Reads an entry as it is to be read now. */
  @FunctionalInterface
  public interface Reading {
    BatchEntry now(BatchEntry entry) throws SQLException;
  }

  public BatchRun(Engine engine, Session session, Dispatch dispatch, Reading reading, Batch all) {
    this.engine = engine;
    this.session = session;
    this.dispatch = dispatch;
    this.reading = reading;
    this.all = all;
    this.counts = new long[all.entries().size()];
    this.keysOf = new Answered[counts.length];
    Arrays.fill(counts, Statement.EXECUTE_FAILED);
    Arrays.fill(keysOf, Answered.NOTHING);
  }

  /** How many rows each entry changed. */
  public long[] run() throws SQLException {
    session
        .use()
        .doing(
            () -> {
              if (isAboutSession() || !divided()) {
                oneByOne();
              }
            });
    if (failure != null) {
      throw failure;
    }
    return counts;
  }

  /** The generated keys, in the order of the entries. */
  public Answered answered() {
    List<ResultSet> order = new ArrayList<>();
    List<ResultSet> all = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      ResultSet keys = keysOf[i].keys();
      if (keys != null) {
        order.addAll(Collections.nCopies((int) Math.max(0, counts[i]), keys));
        if (!all.contains(keys)) {
          all.add(keys);
        }
      }
    }
    return switch (all.size()) {
      case 0 -> Answered.ofCount(-1);
      case 1 -> theOnlyKeys();
      default ->
          new Answered(
              null,
              -1,
              new RowsInOrder(order, all, /* most= */ 0),
              null,
              null,
              Arrays.stream(keysOf).anyMatch(Answered::tied));
    };
  }

  private Answered theOnlyKeys() {
    return Arrays.stream(keysOf).filter(one -> one.keys() != null).findFirst().orElseThrow();
  }

  private boolean isAboutSession() {
    return all.entries().stream().anyMatch(BatchEntry::decidesHowToReadOn);
  }

  /** Carries out a part for each shard; false if the entries are to be carried out one by one. */
  private boolean divided() throws SQLException {
    Optional<Stay> stay = Optional.empty();
    try {
      stay = admitted();
      List<BatchPart> parts =
          BatchPart.of(
              all,
              stay.map(by -> by.routing().topology()).orElseGet(engine::topology),
              this::checkAnywhere);
      if (!parts.isEmpty()) {
        run(parts, stay);
      }
      return !parts.isEmpty();
    } catch (RuntimeException e) {
      throw session.failure(e);
    } finally {
      stay.ifPresent(Stay::end);
    }
  }

  /** In a transaction it is known which shard is meant: the batch is all on one. */
  private void checkAnywhere(Analysis analysis) {
    if (session.transaction() == null) {
      engine.scatter().checkAnyShard(analysis);
    }
  }

  /** Waits for held rows, but in a transaction that is under way: others may wait for that. */
  private Optional<Stay> admitted() {
    Transaction within = session.transaction();
    boolean underWay = within != null && (within.isAborted() || within.isBound());
    return underWay ? Optional.empty() : Optional.of(engine.admit(all));
  }

  private void run(List<BatchPart> parts, Optional<Stay> whole) {
    List<PartsRun.Part<Batch.Outcome>> runs = new ArrayList<>();
    for (BatchPart part : parts) {
      Target target = whole.map(part.target()::begun).orElse(part.target());
      runs.add(() -> run(target, part.batch(all)));
    }
    boolean together = session.transaction() != null;
    List<PartEnd<Batch.Outcome>> ends =
        together
            ? new PartsRun<>(runs, all.running()).inTurn()
            : engine.atOnce(runs, all.options(), all.running());
    for (int i = 0; i < parts.size(); i++) {
      BatchPart part = parts.get(i);
      PartEnd<Batch.Outcome> end = ends.get(i);
      end.given().ifPresent(outcome -> carriedOut(part, outcome));
      if (end.fate() == PartEnd.Fate.UNKNOWN) {
        unknown.addAll(part.places());
      }
    }
    PartFates fates = new PartFates(parts.stream().map(BatchPart::shard).toList(), ends);
    SQLException first = fates.failure();
    if (first != null) {
      failure =
          together || parts.size() == 1
              ? ofBatch(first, first.getSQLState())
              : partly(fates, first);
    }
  }

  /** Carries out the part of one shard. */
  private Batch.Outcome run(Target target, Batch part) throws SQLException {
    session.checkOpen();
    Transaction within = session.transaction();
    Analysis first = part.entries().get(0).analysis();
    try {
      if (within == null) {
        for (BatchEntry entry : part.entries()) {
          session.checkMayWrite(entry.analysis());
        }
        first.checkAsFirst();
        return engine.runner().run(target, new BatchWork(part, session));
      }
      if (within.isAborted()) {
        throw SqlFailures.aborted();
      }
      if (!within.isBound()) {
        first.checkAsFirst();
      }
      part.entries().forEach(entry -> session.setsLocally(entry.analysis()));
      return within.on(target, StatementKind.UPDATE, work(part, !within.isBound()));
    } catch (RuntimeException e) {
      throw session.failure(e);
    }
  }

  private static OnShard<Batch.Outcome> work(Batch part, boolean binds) {
    return OnShard.asked(
        part.options(),
        part.running(),
        (loan, limit) -> {
          if (binds) {
            part.forgetDrawn(loan.driver());
          }
          return part.on(loan.driver(), /* outlive= */ false, limit);
        });
  }

  private void carriedOut(BatchPart part, Batch.Outcome outcome) {
    for (int i = 0; i < part.places().size(); i++) {
      int place = part.places().get(i);
      counts[place] = outcome.counts().get(i);
      keysOf[place] = outcome.keys();
    }
  }

  private void oneByOne() throws SQLException {
    boolean committed = false;
    for (int i = 0; i < counts.length; i++) {
      BatchEntry entry = all.entries().get(i);
      Transaction before = session.transaction();
      try {
        Answered answered = dispatch.run(all.call(reading.now(entry)));
        counts[i] = answered.count();
        if (answered.keys() == null) {
          answered.close();
        } else {
          keysOf[i] = answered;
        }
        Transaction after = session.transaction();
        committed |= before == after ? after == null : before != null;
      } catch (SQLException e) {
        String state = e.getSQLState();
        switch (PartEnd.failed(e).fate()) {
          case DONE -> {
            counts[i] = Statement.SUCCESS_NO_INFO;
            state = i + 1 < counts.length ? SqlFailures.NOT_WHOLE : state;
          }
          case UNKNOWN -> unknown.add(i);
          case FAILED, NOT_TRIED ->
              state = committed ? SqlFailures.besideWhatWasDone(state) : state;
        }
        failure = ofBatch(e, state);
        return;
      }
    }
  }

  private SQLException ofBatch(SQLException failure, @Nullable String state) {
    boolean isOfAll =
        failure instanceof BatchUpdateException told
            && told.getLargeUpdateCounts().length == counts.length;
    return isOfAll ? failure : ofBatch(failure.getMessage(), state, failure);
  }

  private BatchUpdateException partly(PartFates fates, SQLException first) {
    return ofBatch(
        "the parts of the batch are transactions of their own, one for each shard: %s: %s"
            .formatted(fates, first.getMessage()),
        fates.sqlState(),
        first);
  }

  private BatchUpdateException ofBatch(
      @Nullable String message, @Nullable String state, SQLException first) {
    String told =
        unknown.isEmpty()
            ? message
            : "entries %s, counted from 0, may or may not have been carried out: %s"
                .formatted(firstUnknown(), message);
    BatchUpdateException failed =
        new BatchUpdateException(told, state, first.getErrorCode(), counts, first);
    failed.setNextException(next(state, first));
    return failed;
  }

  /** Spring goes by its state, not by the batch's own. */
  private static SQLException next(@Nullable String state, SQLException first) {
    if (SqlFailures.NOT_WHOLE.equals(state)) {
      return new SQLException(first.getMessage(), state, first);
    }
    return first.getNextException() == null ? first : first.getNextException();
  }

  /** As many as anybody would read. */
  private String firstUnknown() {
    return unknown.size() <= MOST_TOLD
        ? unknown.toString()
        : "%s and %s more".formatted(unknown.subList(0, MOST_TOLD), unknown.size() - MOST_TOLD);
  }
}
