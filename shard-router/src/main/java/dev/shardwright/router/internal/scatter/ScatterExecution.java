package dev.shardwright.router.internal.scatter;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.Explanation.Level;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.metrics.Outcome;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.scatter.fanout.Failures;
import dev.shardwright.router.internal.scatter.finishing.Combining;
import dev.shardwright.router.internal.scatter.finishing.Gathering;
import dev.shardwright.router.internal.scatter.merging.GroupMerging;
import dev.shardwright.router.internal.scatter.merging.RowMerging;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.scatter.result.FirstRows;
import dev.shardwright.router.internal.scatter.result.MergedResultSet;
import dev.shardwright.router.internal.scatter.result.MergedRows;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One query over several shards, from its parts to the last row of its answer. Used by one thread,
 * once; others may cancel it at any time.
 */
public final class ScatterExecution implements AutoCloseable {
  private final ScatterEngine engine;
  private final QueryContext context;
  private Level level = Level.MERGE;
  private @Nullable MergedRows rows;

  ScatterExecution(ScatterEngine engine, ScatterQuery query) {
    this.engine = engine;
    this.context = new QueryContext(engine.resources(), query);
  }

  /** Runs the query up to its first rows, of which all are wanted. */
  public ResultSet run(@Nullable Statement owner) {
    return run(owner, Long.MAX_VALUE);
  }

  /**
   * Runs the query up to its first rows.
   *
   * @param owner what the result gives as its statement; null for none
   * @param mostRows how many rows the result has at most
   * @return the answer; closing it gives back whatever it still holds
   * @throws ShardException if a shard failed, the deadline passed, or the query was cancelled
   * @throws SqlRefused if the answer could not be exact, or would need more than the limits allow
   */
  public ResultSet run(@Nullable Statement owner, long mostRows) {
    context.most(mostRows);
    ScheduledFuture<?> deadline = startClock();
    long began = System.nanoTime();
    Outcome outcome = Outcome.OK;
    try {
      MergedRows found = answer();
      rows = found;
      return new MergedResultSet(new FirstRows(found, mostRows), owner);
    } catch (SqlRefused e) {
      outcome = Outcome.REFUSED;
      throw e;
    } catch (RuntimeException e) {
      outcome = Outcome.of(e);
      throw e;
    } catch (SQLException e) {
      outcome = Outcome.FAILED;
      throw e.getCause() instanceof ShardException known ? known : Failures.of(e);
    } finally {
      awaitBound();
      deadline.cancel(false);
      engine
          .meters()
          .ended(level, outcome, context.query().shards().size(), System.nanoTime() - began);
    }
  }

  private MergedRows answer() throws SQLException {
    Analysis analysis = context.query().analysis();
    if (context.query().only().isPresent()) {
      // One shard's rows need nothing done to them, so any text will do.
      return new RowMerging(context, new MergeRows(analysis.text(), 0, List.of(), false, Cut.NONE))
          .rows()
          .orElseThrow();
    }
    List<Answer> answers = analysis.answers();
    engine.checkCalls(context);
    for (int i = context.experience().firstFitting(); i < answers.size(); i++) {
      Answer answer = answers.get(i);
      context.answer(i);
      level = Explaining.level(answer);
      Optional<MergedRows> found = rowsOf(answer);
      if (found.isPresent()) {
        context.experience().fits(i);
        return found.get();
      }
    }
    throw new SqlRefused(
        SqlRefused.Reason.NOT_OVER_SHARDS,
        "the types of its columns do not allow an exact answer over several shards: say a key");
  }

  /** The shards whose rows are missing in the answer, and why; empty unless that is allowed. */
  public SortedMap<ShardId, ShardException> missing() {
    return Collections.unmodifiableSortedMap(context.missing());
  }

  /** What a failure to read the answer's rows means. */
  public ShardException failure(SQLException said) {
    RuntimeException stopped = context.reading().reason();
    return stopped instanceof ShardException known ? known : Failures.of(said);
  }

  /** Ends it soon, on all shards, whatever it is doing. From any thread. */
  public void cancel() {
    String why = "canceling statement due to user request";
    StatementFailed cancelled = new StatementFailed(why, new SQLException(why, "57014"));
    context.opening().stopAll(cancelled);
    context.reading().stopAll(cancelled);
  }

  /** The same, where nobody will read or close the answer: its connections are closed. */
  public void abort() {
    cancel();
    context.loans().abort();
  }

  /** Gives back whatever it still holds. Safe to repeat. */
  @Override
  public void close() {
    MergedRows open = rows;
    if (open != null) {
      open.close();
    }
  }

  /** After a failure elsewhere, a part may still run on the connection of the transaction. */
  private void awaitBound() {
    context.query().bound().ifPresent(bound -> context.opening().awaitEnd(bound.connection()));
  }

  private ScheduledFuture<?> startClock() {
    long millis = context.query().options().deadline().toMillis();
    long waited = context.query().stay().map(Stay::waitedNanos).orElse(0L);
    int shards = context.query().shards().size();
    return engine
        .resources()
        .clock()
        .schedule(
            () ->
                context
                    .opening()
                    .stopAll(
                        new DeadlineExceeded(
                            "a query over %s shards had no answer within its deadline of %s ms"
                                .formatted(shards, millis),
                            null)),
            TimeUnit.MILLISECONDS.toNanos(millis) - waited,
            TimeUnit.NANOSECONDS);
  }

  private Optional<MergedRows> rowsOf(Answer answer) throws SQLException {
    if (answer instanceof MergeRows merging) {
      return new RowMerging(context, merging).rows();
    }
    if (answer instanceof MergeGroups merging) {
      return new GroupMerging(context, merging).rows();
    }
    if (answer instanceof Combine combining) {
      return new Combining(context, combining).rows();
    }
    return Optional.of(new Gathering(context, (Gather) answer).rows());
  }
}
