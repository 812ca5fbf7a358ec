package dev.shardwright.router.internal.scatter;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.DeadlineExceeded;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.metrics.ScatterMeters;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.Workers;
import dev.shardwright.router.internal.scatter.fanout.Admission;
import dev.shardwright.router.internal.scatter.fanout.InterruptWatch;
import dev.shardwright.router.internal.scatter.query.Experience;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.query.QueryResources;
import dev.shardwright.router.internal.scatter.query.ScatterQuery;
import dev.shardwright.router.internal.scatter.rows.ByteOrder;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.write.ReferenceWrite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs queries over several shards for one router. Thread-safe. */
public final class ScatterEngine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ScatterEngine.class);

  private final QueryResources resources;
  private final ScatterMeters meters;
  private final ShardCatalog catalog;
  private final HiddenCalls hiddenCalls = new HiddenCalls(System::nanoTime);

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
    this.meters = meters;
    this.catalog = new ShardCatalog(runner);
    ScheduledExecutorService clock = clock(cluster);
    this.resources =
        new QueryResources(
            runner,
            workers,
            Workers.ofWishes(cluster),
            clock,
            new InterruptWatch(clock),
            new Admission(connections, runner.timeouts().acquire()),
            new ByteOrder(),
            new Experience(),
            new AtomicInteger());
  }

  private static ScheduledExecutorService clock(String cluster) {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "shardwright-deadlines-" + cluster);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
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
    Set<ShardId> shards = resources.runner().routing().topology().shards().keySet();
    shards.forEach(id -> any.add(new Target.OfShard(id)));
    if (any.isEmpty()) {
      throw new RouteRefused("the cluster has no shards yet: add one");
    }
    Collections.rotate(any, resources.turn(any.size()));
    return any;
  }

  /** The target of a statement for one shard, which goes by a stay if it names no keys. */
  public static Target target(Destination.OneShard one) {
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
   * Refuses a statement for several shards, or for any, that may call a user's function instead of
   * a built-in one.
   *
   * @throws SqlRefused with both names
   */
  public void checkCalls(Analysis analysis) {
    hiddenCalls.check(analysis, this::functionsOfAnyShard);
  }

  /**
   * Refuses a write to a reference table that would make other rows on each shard.
   *
   * @throws SqlRefused with what each would work out for itself
   */
  public void checkAlike(ReferenceWrite write) {
    askAnyShard(connection -> OwnValues.read(connection, write.table())).check(write);
  }

  /**
   * Refuses a statement for any shard, unless there is one only, or it does not matter which is
   * asked.
   *
   * @throws SqlRefused naming what matters
   */
  public void checkAnyShard(Analysis analysis) {
    boolean several = resources.runner().routing().topology().shards().size() > 1;
    if (several && analysis.answersAnywhere()) {
      analysis.checkAnyShard();
      checkCalls(analysis);
    }
  }

  /**
   * Whether a statement is known to change nothing. Where a user's function might be meant instead
   * of a built-in one, it is not.
   */
  public boolean onlyReads(Analysis analysis) {
    return analysis.onlyReads() && callsBuiltInsOnly(analysis);
  }

  /** As in {@link Analysis#mayBeApart}, where no user's function might be meant instead. */
  public boolean mayBeApart(Analysis analysis) {
    return analysis.mayBeApart() && callsBuiltInsOnly(analysis);
  }

  /** As in {@link Analysis#actsOnRowsAlone}, where no user's function might be meant instead. */
  public boolean actsOnRowsAlone(Analysis analysis) {
    return analysis.actsOnRowsAlone() && callsBuiltInsOnly(analysis);
  }

  /** Whether it is certain that all calls are of built-in functions. */
  private boolean callsBuiltInsOnly(Analysis analysis) {
    try {
      return !hiddenCalls.mayBeIn(analysis, this::functionsOfAnyShard);
    } catch (ShardException e) {
      log.debug("the functions of users could not be looked up", e);
      return false;
    }
  }

  /** The schema was changed through this router. */
  public void schemaChanged() {
    hiddenCalls.forget();
  }

  /** The threads that parts run on. */
  public ExecutorService workers() {
    return resources.workers();
  }

  /** Ends what waits for deadlines. Safe to call twice. */
  @Override
  public void close() {
    resources.clock().shutdownNow();
    resources.wishes().shutdown();
  }

  QueryResources resources() {
    return resources;
  }

  ScatterMeters meters() {
    return meters;
  }

  /**
   * Looks at the calls of a query, on the connection of its transaction if there is one. Whoever
   * waits for the query waits no longer than for its answer.
   */
  void checkCalls(QueryContext query) {
    Optional<ShardId> bound = query.query().bound().map(BoundShard::shard);
    hiddenCalls.check(
        query.query().analysis(),
        () ->
            query.onOne(
                bound.orElseGet(() -> query.here().get(0)),
                at ->
                    bound.isPresent()
                        ? query.ask(at, CatalogFunctions::read)
                        : functionsOfAnyShard(), // any of the cluster: they have the same
                found -> {}));
  }

  private CatalogFunctions functionsOfAnyShard() {
    return askAnyShard(CatalogFunctions::read);
  }

  private <T> T askAnyShard(ShardCatalog.Question<T> question) {
    List<Target> any = targets(new Destination.AnyShard());
    for (int i = 0; ; i++) {
      try {
        return catalog.ask(any.get(i), question);
      } catch (ShardUnavailable | DeadlineExceeded e) {
        boolean again = e instanceof DeadlineExceeded && i > 0; // nobody waits for each of many
        if (i == any.size() - 1 || again) {
          throw e;
        }
      }
    }
  }
}
