package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.scatter.MissingShards;
import dev.shardwright.router.internal.scatter.ParameterSource;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.ScatterQuery;
import dev.shardwright.router.internal.scatter.SessionState;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.Destination;
import dev.shardwright.router.internal.sql.SearchPath;
import dev.shardwright.router.internal.sql.SqlRefused;
import dev.shardwright.topology.Topology;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
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
 * {@link ShardUnavailable}, {@link DeadlineExceeded} or {@link StatementFailed}. Interrupting the
 * calling thread ends the query on all shards.
 */
public final class Scatter {
  /** How many rows a shard sends at a time if the options leave it open. */
  private static final int FETCH_SIZE = 1_000;

  private final ScatterEngine engine;
  private final Analyzer analyzer;
  private final Runner runner;
  private final ScatterOptions options;

  Scatter(ScatterEngine engine, Analyzer analyzer, Runner runner, ScatterOptions options) {
    this.engine = engine;
    this.analyzer = analyzer;
    this.runner = runner;
    this.options = options;
  }

  /** The rows of all shards, in the order of the query. Held in memory: see {@link #forEach}. */
  public <T> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return run(
        sql, parameters, options, MissingShards.FAIL, (rows, execution) -> mapped(rows, mapper));
  }

  /**
   * The rows of those shards that answer within the deadline, and which do not. An answer that is
   * worked out from copies of rows needs all shards that have begun to send them.
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
      return run(queries(sql, parameters, bounds, missingShards), reader);
    } catch (SqlRefused e) {
      throw new RouteRefused(String.valueOf(e.getMessage()), e);
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

  /** The query, once for each way that it may go; at least one. */
  private List<ScatterQuery> queries(
      String sql,
      @Nullable Object[] parameters,
      ScatterOptions bounds,
      MissingShards missingShards) {
    Topology topology = runner.routing().topology();
    Analysis analysis = analyzer.analyze(sql, SearchPath.DEFAULT, topology);
    check(analysis, parameters.length);
    ParameterSource source = ParameterSource.of(parameters);
    Destination destination = analysis.destination(source, topology);
    if (destination instanceof Destination.SeveralShards several) {
      return List.of(
          query(analysis, source, several.shards(), Optional.empty(), bounds, missingShards));
    }
    return engine.targets(destination).stream()
        .map(
            target ->
                query(
                    analysis, source, shardOf(target), Optional.of(target), bounds, missingShards))
        .toList();
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
  }

  private SortedSet<ShardId> shardOf(Target target) {
    return new TreeSet<>(List.of(target.in(runner.routing()).shard()));
  }

  private static ScatterQuery query(
      Analysis analysis,
      ParameterSource source,
      SortedSet<ShardId> shards,
      Optional<Target> only,
      ScatterOptions bounds,
      MissingShards missingShards) {
    return new ScatterQuery(
        analysis, source, shards, only, bounds, missingShards, SessionState.NONE, Optional.empty());
  }
}
