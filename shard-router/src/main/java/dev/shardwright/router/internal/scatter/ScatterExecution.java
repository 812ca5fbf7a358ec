package dev.shardwright.router.internal.scatter;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.sql.Answer;
import dev.shardwright.router.internal.sql.MergeRows;
import dev.shardwright.router.internal.sql.SqlRefused;
import dev.shardwright.router.internal.sql.SqlText;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One query over several shards, from its parts to the last row of its answer. Used by one thread,
 * once; others may cancel it at any time.
 */
public final class ScatterExecution implements AutoCloseable {
  /** The most rows of a shard that are sent at once; more are streamed. */
  private static final int WHOLE_ROWS = 10_000;

  private static final int FETCH_SIZE = 1_000;

  private final ScatterEngine engine;
  private final ScatterQuery query;
  private final Experience.Of experience;
  private final Cancellation opening;
  private final Cancellation reading;
  private final OffsetDateTime now =
      OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  private final SortedMap<ShardId, ShardException> missing = new TreeMap<>();
  private @Nullable MergedRows rows;

  ScatterExecution(ScatterEngine engine, ScatterQuery query) {
    this.engine = engine;
    this.query = query;
    this.experience = engine.experience(query);
    this.opening = new Cancellation(engine.workers(), engine.clock());
    this.reading = new Cancellation(engine.workers(), engine.clock());
  }

  /**
   * Runs the query up to its first rows.
   *
   * @param owner what the result gives as its statement; null for none
   * @return the answer; closing it gives back whatever it still holds
   * @throws ShardException if a shard failed, the deadline passed, or the query was cancelled
   * @throws SqlRefused if the answer could not be exact, or would need more than the limits allow
   */
  public ResultSet run(@Nullable Statement owner) {
    List<Answer> answers = query.analysis().answers();
    ScheduledFuture<?> deadline = startClock();
    try {
      for (int i = experience.firstFitting(); i < answers.size(); i++) {
        Optional<MergedRows> found = rowsOf(answers.get(i));
        if (found.isPresent()) {
          experience.fits(i);
          rows = found.get();
          return new MergedResultSet(rows, owner);
        }
      }
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "the types of the columns do not allow an exact answer over several shards");
    } catch (SQLException e) {
      throw new StatementFailed(String.valueOf(e.getMessage()), e);
    } finally {
      deadline.cancel(false);
    }
  }

  /**
   * The shards whose rows are missing in the answer, and why; empty unless the options allow it.
   */
  public SortedMap<ShardId, ShardException> missing() {
    return Collections.unmodifiableSortedMap(missing);
  }

  /** Ends it soon, on all shards, whatever it is doing. From any thread. */
  public void cancel() {
    stop("canceling statement due to user request");
  }

  /** Gives back whatever it still holds. Safe to repeat. */
  @Override
  public void close() {
    MergedRows open = rows;
    if (open != null) {
      open.close();
    }
  }

  private void stop(String why) {
    StatementFailed cancelled = new StatementFailed(why, new SQLException(why, "57014"));
    opening.stop(cancelled);
    reading.stop(cancelled);
  }

  private ScheduledFuture<?> startClock() {
    long millis = query.options().deadline().toMillis();
    return engine
        .clock()
        .schedule(
            () ->
                opening.stop(
                    new DeadlineExceeded(
                        "a query over %s shards had no answer within its deadline of %s ms"
                            .formatted(query.shards().size(), millis),
                        null)),
            millis,
            TimeUnit.MILLISECONDS);
  }

  private Optional<MergedRows> rowsOf(Answer answer) throws SQLException {
    if (answer instanceof MergeRows merging) {
      return mergedRows(merging);
    }
    throw new UnsupportedOperationException(answer.getClass().getSimpleName());
  }

  private Optional<MergedRows> mergedRows(MergeRows answer) throws SQLException {
    RowWindow window = Windows.of(answer.cut(), query.parameters());
    PartStatement part = part(answer.part());
    List<PartRows> parts = open(part, window);
    Optional<RowMerge<PartRows, SQLException>> merge;
    boolean merging = false;
    try {
      checkSameShape(parts);
      merge = new RowMerging(answer, engine.byteOrder()).merge(parts, window);
      merging = merge.isPresent();
    } finally {
      if (!merging) {
        parts.forEach(PartRows::close);
      }
    }
    int columns = parts.get(0).shape().size() - answer.hidden();
    Describer describer = new Describer(engine.runner(), parts.get(0).shard(), part, query.bound());
    return merge.map(found -> new MergedParts(parts, found, columns, describer));
  }

  private List<PartRows> open(PartStatement part, RowWindow window) throws SQLException {
    boolean bounded = window.reach() <= WHOLE_ROWS;
    if (!bounded && query.options().fetchSize() > 0) {
      return open(part, new Delivery.Streamed(query.options().fetchSize()));
    }
    if (!bounded && experience.isLong()) {
      return open(part, new Delivery.Streamed(FETCH_SIZE));
    }
    List<PartRows> parts = open(part, new Delivery.Whole(bounded ? 0 : WHOLE_ROWS + 1));
    if (bounded || !isCutShort(parts)) {
      return parts;
    }
    parts.forEach(PartRows::close);
    experience.wasLong();
    return open(part, new Delivery.Streamed(FETCH_SIZE));
  }

  private static boolean isCutShort(List<PartRows> parts) throws SQLException {
    for (PartRows part : parts) {
      if (part.count() > WHOLE_ROWS) {
        return true;
      }
    }
    return false;
  }

  private List<PartRows> open(PartStatement part, Delivery delivery) {
    FanOut.Outcome outcome =
        new FanOut(
                query.shards(),
                shard -> run(shard, part, delivery),
                query.options().missingShards(),
                opening)
            .run(engine.workers(), query.options().parallelism());
    missing.clear();
    missing.putAll(outcome.failed());
    return outcome.opened();
  }

  private PartRows run(ShardId shard, PartStatement part, Delivery delivery) {
    ShardPart.Conditions conditions = new ShardPart.Conditions(query.session(), opening, reading);
    Optional<BoundShard> bound = query.bound().filter(at -> at.shard().equals(shard));
    if (bound.isEmpty()) {
      return engine
          .runner()
          .run(new Target.OfShard(shard), new ShardPart(shard, part, delivery, conditions));
    }
    try {
      Connection connection = bound.get().connection();
      // The connection is not in autocommit mode, so a cursor costs nothing.
      return new ShardPart(shard, part, new Delivery.Streamed(FETCH_SIZE), conditions)
          .on(connection);
    } catch (SQLException e) {
      throw new StatementFailed("shard %s: %s".formatted(shard, e.getMessage()), e);
    }
  }

  private PartStatement part(SqlText text) {
    return new PartStatement(text, query.parameters(), now);
  }

  private static void checkSameShape(List<PartRows> parts) {
    PartRows first = parts.get(0);
    for (PartRows part : parts) {
      if (!part.shape().sameAs(first.shape())) {
        throw new SqlRefused(
            SqlRefused.Reason.NOT_OVER_SHARDS,
            ("shard %s gives the columns %s, but shard %s gives %s: make their tables the same, or"
                    + " name the columns instead of *")
                .formatted(first.shard(), first.shape(), part.shard(), part.shape()));
      }
    }
  }
}
