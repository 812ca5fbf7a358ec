package dev.shardwright.router.internal.scatter;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.internal.metrics.ScatterMeters;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs queries over several shards for one router. Thread-safe. */
public final class ScatterEngine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ScatterEngine.class);

  /**
   * Whether the database's default collation orders text by bytes: C and its like in UTF-8. The
   * columns of {@code pg_database} that say so differ between versions of PostgreSQL.
   */
  private static final String DEFAULT_IS_BY_BYTES =
      """
      select pg_encoding_to_char(d.encoding) = 'UTF8'
         and case d.datlocprovider
               when 'b' then true
               when 'c' then d.datcollate in ('C', 'POSIX', 'C.UTF-8', 'C.utf8')
               else false
             end
        from pg_database d
       where d.datname = current_database()
      """;

  private final Runner runner;
  private final ExecutorService workers;
  private final ScatterMeters meters;
  private final ScheduledThreadPoolExecutor clock;
  private final AtomicInteger turns = new AtomicInteger();
  private final Experience experience = new Experience();
  private final Admission admission;
  private final ByteOrder byteOrder = new ByteOrder(this::defaultIsByBytes);
  private final Overloads overloads = new Overloads(System::nanoTime);

  /**
   * @param workers run the parts; stay the caller's
   * @param connections how many connections a pool has
   */
  public ScatterEngine(
      Runner runner,
      ExecutorService workers,
      ScatterMeters meters,
      String cluster,
      int connections) {
    this.runner = runner;
    this.workers = workers;
    this.meters = meters;
    this.admission = new Admission(connections, runner.timeouts().acquire());
    this.clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "shardwright-deadlines-" + cluster);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    clock.setRemoveOnCancelPolicy(true);
  }

  /**
   * Where a statement for one shard may go, the first choice first; empty for several shards.
   *
   * @throws RouteRefused if the cluster has no shards
   */
  public List<Target> targets(Destination destination) {
    if (destination instanceof Destination.OneShard one) {
      return List.of(target(one));
    }
    if (destination instanceof Destination.SingleKeyspace single) {
      return List.of(new Target.OfSingle(single.keyspace(), single.region()));
    }
    if (destination instanceof Destination.SeveralShards) {
      return List.of();
    }
    List<Target> any = new ArrayList<>();
    runner.routing().topology().shards().keySet().forEach(id -> any.add(new Target.OfShard(id)));
    if (any.isEmpty()) {
      throw new RouteRefused("the cluster has no shards yet: add one");
    }
    Collections.rotate(any, turn(any.size()));
    return any;
  }

  private static Target target(Destination.OneShard one) {
    return switch (one.keys().size()) {
      case 0 ->
          one.keyspace().isEmpty()
              ? new Target.OfShard(one.shard())
              : new Target.OfRows(one.keyspace(), one.shard());
      case 1 -> new Target.OfKey(one.keyspace(), one.region(), one.keys().get(0));
      default -> new Target.OfKeys(one.keyspace(), one.region(), one.shard(), one.keys());
    };
  }

  /** Prepares a query. Sends nothing yet. */
  public ScatterExecution prepare(ScatterQuery query) {
    return new ScatterExecution(this, query);
  }

  /**
   * Refuses a statement for several shards that may call a user's function instead of a built-in
   * one.
   *
   * @throws SqlRefused with both names
   */
  public void checkCalls(Analysis analysis) {
    overloads.check(analysis, this::overloadsOfAnyShard);
  }

  /** Whether it is certain that all calls are of built-in functions. */
  public boolean callsBuiltInsOnly(Analysis analysis) {
    try {
      return overloads.called(analysis, this::overloadsOfAnyShard).isEmpty();
    } catch (ShardException e) {
      log.debug("the functions of users could not be looked up", e);
      return false;
    }
  }

  /** The schema was changed through this router. */
  public void schemaChanged() {
    overloads.forget();
  }

  /** The threads that parts run on. */
  public ExecutorService workers() {
    return workers;
  }

  /** Ends what waits for deadlines. Safe to call twice. */
  @Override
  public void close() {
    clock.shutdownNow();
  }

  Runner runner() {
    return runner;
  }

  ScatterMeters meters() {
    return meters;
  }

  ScheduledThreadPoolExecutor clock() {
    return clock;
  }

  Experience.Of experience(ScatterQuery query) {
    return experience.of(query.analysis());
  }

  Admission admission() {
    return admission;
  }

  ByteOrder byteOrder() {
    return byteOrder;
  }

  /** A number below the bound, another one each time. */
  int turn(int bound) {
    return Math.floorMod(turns.getAndIncrement(), bound);
  }

  /** Looks at the calls of a query, on the connection of its transaction if there is one. */
  void checkCalls(ScatterQuery query) {
    overloads.check(
        query.analysis(),
        () -> query.bound().map(ScatterEngine::overloads).orElseGet(this::overloadsOfAnyShard));
  }

  private static Set<String> overloads(BoundShard bound) {
    try {
      return Overloads.read(bound.connection());
    } catch (SQLException e) {
      throw Failures.of(bound.shard(), e);
    }
  }

  private Set<String> overloadsOfAnyShard() {
    return ask(targets(new Destination.AnyShard()).get(0), Overloads::read);
  }

  private boolean defaultIsByBytes(ShardId shard) {
    return ask(
        new Target.OfShard(shard),
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(DEFAULT_IS_BY_BYTES)) {
            return rows.next() && rows.getBoolean(1);
          }
        });
  }

  /** Reads from the catalog. */
  @FunctionalInterface
  private interface CatalogQuery<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T ask(Target target, CatalogQuery<T> query) {
    return runner.run(
        target,
        new OnConnection<>(StatementKind.QUERY) {
          @Override
          public T on(Connection connection) throws SQLException {
            return query.on(connection);
          }

          @Override
          public Repeat repeat() {
            return Repeat.ALWAYS;
          }
        });
  }
}
