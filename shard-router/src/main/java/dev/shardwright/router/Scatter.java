package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Explanation.Level;
import dev.shardwright.router.internal.loan.ReadWith;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.SessionBegin;
import dev.shardwright.router.internal.scatter.Explaining;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.fanout.MissingShards;
import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.topology.Topology;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Queries whose sharding key is not said: their text is read, and they run on the shards that may
 * have rows for them, all at the same time. The answer is what one PostgreSQL with all the rows
 * could have said; a query for which that cannot be had exactly is refused. Each shard is read in
 * its own snapshot. Immutable and thread-safe.
 *
 * <p>Names of tables without a schema are those of schema {@code public}. Parameters are what
 * {@link java.sql.PreparedStatement#setObject(int, Object)} of the driver takes, and {@link
 * java.time.Instant}.
 *
 * <p>Every method throws a {@link ShardException}: {@link RouteRefused} if the query is refused,
 * {@link ShardUnavailable}, {@link DeadlineExceeded} or {@link StatementFailed}; and {@link
 * UnknownOutcome} where a query that may change something had been sent, and its answer was lost or
 * not waited for any longer. Interrupting the calling thread ends the query on all shards.
 */
public final class Scatter {
  /** How many rows a shard sends at a time if the options leave it open. */
  private static final int FETCH_SIZE = 1_000;

  private final ScatterEngine engine;
  private final Analyzer analyzer;
  private final Runner runner;
  private final SessionBegin begin;
  private final ExecutorService workers;
  private final ScatterOptions options;

  Scatter(
      ScatterEngine engine,
      Analyzer analyzer,
      Runner runner,
      SessionBegin begin,
      ExecutorService workers,
      ScatterOptions options) {
    this.engine = engine;
    this.analyzer = analyzer;
    this.runner = runner;
    this.begin = begin;
    this.workers = workers;
    this.options = options;
  }

  /** The rows of all shards, in the order of the query. Held in memory: see {@link #forEach}. */
  public <T> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return run(
        sql, parameters, options, MissingShards.FAIL, (rows, execution) -> mapped(rows, mapper));
  }

  /**
   * The rows of those shards that answer within the deadline, and which do not. An answer that is
   * worked out from copies of rows needs all shards that have begun to send them; one that a last
   * query puts together, or that comes in a stream, needs all that can be reached.
   */
  public <T> AvailableRows<T> queryAvailable(
      String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return run(
        sql,
        parameters,
        options,
        MissingShards.NAME,
        (rows, execution) -> new AvailableRows<>(mapped(rows, mapper), execution.missing()));
  }

  /**
   * Hands the rows of all shards over, one at a time, in the order of the query. Needs little
   * memory however many they are, where the shards' rows need only be merged, and then takes a
   * connection of each shard until the last row of it. The deadline is for the first row.
   *
   * @param handler called by the calling thread; what it throws ends the query
   */
  public void forEach(String sql, RowHandler handler, @Nullable Object... parameters) {
    ScatterOptions streaming =
        options.fetchSize() > 0 ? options : options.withFetchSize(FETCH_SIZE);
    run(
        sql,
        parameters,
        streaming,
        MissingShards.FAIL,
        (rows, execution) -> {
          while (rows.next()) {
            handler.handle(rows);
          }
          return true;
        });
  }

  /**
   * Some rows of the query, and how many it has in all, read at the same time.
   *
   * @param sql with an ORDER BY, and without LIMIT and OFFSET
   * @param offset how many rows to leave out before
   * @param limit how many rows to give at most
   */
  public <T> CountedPage<T> countAndPage(
      String sql, long offset, int limit, RowMapper<T> mapper, @Nullable Object... parameters) {
    String counted = "select count(*) from (\n" + sql + "\n) as shardwright_counted";
    String paged = "%s\nlimit %d offset %d".formatted(sql, limit, offset);
    Future<List<Long>> count =
        workers.submit(() -> query(counted, row -> row.getLong(1), parameters));
    boolean complete = false;
    try {
      List<T> rows = query(paged, mapper, parameters);
      CountedPage<T> page = new CountedPage<>(rows, result(count).get(0));
      complete = true;
      return page;
    } finally {
      if (!complete) {
        count.cancel(true);
      }
    }
  }

  /**
   * A page of the query's rows that begins where the page before ended.
   *
   * @param sql with all columns of the keyset, and without ORDER BY, LIMIT and OFFSET
   * @throws RouteRefused also if the keyset's cursor is of another query, or a key is NULL
   */
  public <T> KeysetPage<T> page(
      Keyset keyset, String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    KeysetQuery query = new KeysetQuery(sql, keyset);
    return run(
        query.sql(),
        query.parameters(parameters),
        options,
        MissingShards.FAIL,
        (rows, execution) -> query.page(rows, mapper));
  }

  /** How the query would be carried out. Sends nothing. */
  Explanation explain(String sql, @Nullable Object[] parameters) {
    try {
      Topology topology = runner.routing().topology();
      SearchPath path = SearchPath.of(begin.known().searchPath());
      Analysis analysis = analyzer.analyze(sql, path, topology);
      check(analysis, parameters.length);
      ParameterSource source = ParameterSource.of(parameters);
      Destination destination = analysis.destination(source, topology);
      if (destination instanceof Destination.SeveralShards several) {
        return new Explaining(source, options).overShards(several.shards(), analysis.answers());
      }
      boolean any = destination instanceof Destination.AnyShard;
      if (any && topology.shards().size() > 1) {
        analysis.checkAnyShard();
      }
      List<ShardId> shards =
          engine.targets(destination).stream()
              .map(target -> target.in(runner.routing()).shard())
              .sorted()
              .toList();
      return Explaining.asItIs(any ? Level.ANY_SHARD : Level.ONE_SHARD, shards, analysis);
    } catch (SqlRefused e) {
      throw new RouteRefused(String.valueOf(e.getMessage()), e);
    }
  }

  /** Keeps its own deadline, so waiting for it needs none. */
  private static <R> R result(Future<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ShardUnavailable("interrupted while waiting for the answers of the shards", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private interface Reader<R> {
    R read(ResultSet rows, ScatterExecution execution) throws SQLException;
  }

  private static <T> List<T> mapped(ResultSet rows, RowMapper<T> mapper) throws SQLException {
    List<T> values = new ArrayList<>();
    while (rows.next()) {
      values.add(Query.mapped(mapper, rows));
    }
    return values;
  }

  private <R> R run(
      String sql,
      @Nullable Object[] parameters,
      ScatterOptions bounds,
      MissingShards missingShards,
      Reader<R> reader) {
    try {
      ReadWith session = new ReadWith(begin.defaults().searchPath());
      SearchPath path = SearchPath.of(session.searchPath());
      Analysis analysis = analyzer.analyze(sql, path, runner.routing().topology());
      check(analysis, parameters.length);
      ParameterSource source = ParameterSource.of(parameters);
      Destination to = analysis.destination(source, runner.routing().topology());
      if (to instanceof Destination.AnyShard) {
        engine.checkAnyShard(analysis);
      }
      boolean several = to instanceof Destination.SeveralShards;
      boolean reads = several || engine.onlyReads(analysis);
      Asked asked = new Asked(analysis, source, reads, bounds, missingShards, session);
      boolean noKey = to instanceof Destination.OneShard one && one.keys().isEmpty();
      if (!several && !noKey) {
        Optional<R> answer = unlessMoved(asked, to, reader);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
      return underStay(asked, reader);
    } catch (SqlRefused e) {
      throw new RouteRefused(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The answer of the one shard that has the rows.
   *
   * @return empty if they are on several shards by now, or on another
   */
  private <R> Optional<R> unlessMoved(Asked asked, Destination to, Reader<R> reader) {
    boolean[] reading = new boolean[1];
    try {
      R answer =
          run(
              toOne(asked, engine.targets(to)),
              (rows, execution) -> {
                reading[0] = true;
                return reader.read(rows, execution);
              });
      return Optional.of(answer);
    } catch (RangeMoved e) {
      if (reading[0] || asked.destination(runner.routing().topology()).equals(to)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** The answer while no rows of the query's keyspaces change hands. */
  private <R> R underStay(Asked asked, Reader<R> reader) {
    Stay stay =
        runner
            .admissions()
            .admit(
                new Reach.OfKeyspaces(asked.analysis().keyspaces()),
                /* changes= */ false,
                asked.bounds().deadline().toNanos());
    try {
      return run(queries(asked, stay), reader);
    } finally {
      stay.end();
    }
  }

  /** Where several shards can give the same answer, the next is asked if one cannot be reached. */
  private <R> R run(List<ScatterQuery> equals, Reader<R> reader) {
    for (int i = 0; ; i++) {
      try (ScatterExecution execution = engine.prepare(equals.get(i))) {
        ResultSet rows;
        try {
          rows = execution.run(null);
        } catch (ShardUnavailable e) {
          if (i == equals.size() - 1) {
            throw e;
          }
          continue;
        }
        return read(rows, execution, reader);
      }
    }
  }

  private static <R> R read(ResultSet rows, ScatterExecution execution, Reader<R> reader) {
    try (rows) {
      return reader.read(rows, execution);
    } catch (SQLException e) {
      throw execution.failure(e);
    }
  }

  /** The query, once for each way that it may go under a stay that counts for it; at least one. */
  private List<ScatterQuery> queries(Asked asked, Stay stay) {
    Destination destination = asked.destination(stay.routing().topology());
    return destination instanceof Destination.SeveralShards several
        ? List.of(asked.of(several.shards(), Optional.empty()).by(stay))
        : toOne(
            asked, engine.targets(destination).stream().map(target -> target.begun(stay)).toList());
  }

  private List<ScatterQuery> toOne(Asked asked, List<Target> targets) {
    return targets.stream().map(target -> asked.of(shardOf(target), Optional.of(target))).toList();
  }

  /** A query with its parameters, and how it is to be answered. */
  private record Asked(
      Analysis analysis,
      ParameterSource source,
      boolean reads,
      ScatterOptions bounds,
      MissingShards missingShards,
      SessionState session) {

    Destination destination(Topology topology) {
      return analysis.destination(source, topology);
    }

    ScatterQuery of(SortedSet<ShardId> shards, Optional<Target> target) {
      return new ScatterQuery(
          analysis,
          source,
          shards,
          target,
          reads,
          bounds,
          missingShards,
          session,
          Optional.empty(),
          Optional.empty());
    }
  }

  private static void check(Analysis analysis, int given) {
    if (analysis.kind() != Analysis.Kind.QUERY) {
      throw new RouteRefused(
          "scatter is for queries that read: say the key of what is written with on(key), or use"
              + " the router's DataSource");
    }
    if (analysis.parameters() != given) {
      throw new RouteRefused(
          "the query has %s parameters, and %s were given".formatted(analysis.parameters(), given));
    }
    analysis.checkAsFirst();
  }

  private SortedSet<ShardId> shardOf(Target target) {
    return new TreeSet<>(List.of(target.in(runner.routing()).shard()));
  }
}
