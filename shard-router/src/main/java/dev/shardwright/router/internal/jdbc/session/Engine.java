package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.ShardUnavailable;
import dev.shardwright.router.internal.jdbc.parts.PartEnd;
import dev.shardwright.router.internal.jdbc.parts.PartsRun;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.jdbc.statement.Analyser;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.jdbc.statement.BatchReach;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.jdbc.statement.Running;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.pool.SessionDefaults;
import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.SessionBegin;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a router work with. Thread-safe.
 *
 * @param router the router itself
 * @param runner carries work out on one shard
 * @param scatter carries queries out on several
 * @param analyzer reads statements
 * @param begin knows what sessions of the shards begin with
 * @param shared whether a proxy shares the sessions of the shards
 * @param lastInitial what the last session had set when it began, most often the same for the next
 */
public record Engine(
    ShardRouter router,
    Runner runner,
    ScatterEngine scatter,
    Analyzer analyzer,
    SessionBegin begin,
    boolean shared,
    AtomicReference<@Nullable SessionView> lastInitial)
    implements Analyser {
  /** What a session has set when it begins. */
  SessionView initial() {
    SessionDefaults defaults = begin.defaults();
    SessionView last = lastInitial.get();
    if (last == null || !last.settings().pooled().equals(defaults)) {
      last = SessionView.initial(defaults, runner.timeouts().statement().toMillis(), shared);
      lastInitial.set(last);
    }
    return last;
  }

  @Override
  public Topology topology() {
    return runner.routing().topology();
  }

  @Override
  public Analysis analyse(String sql, SearchPath path) {
    return analyzer.analyze(sql, path, topology());
  }

  /**
   * Whether a statement is known to change nothing. Where a user's function might be meant instead
   * of a built-in one, it is not.
   */
  boolean onlyReads(Analysis analysis) {
    return scatter.onlyReads(analysis);
  }

  /** Does the work on whichever shard can, within the deadline of one. */
  public <T> T onAnyShard(Supplier<Work<T>> work) {
    long began = System.nanoTime();
    List<ShardId> shards = anyOrder();
    for (int i = 0; ; i++) {
      Work<T> here = work.get();
      try {
        return runner.run(new Target.OfShard(shards.get(i)), here, began);
      } catch (ShardUnavailable e) {
        if (i == shards.size() - 1 || here.left() <= 0) {
          throw e;
        }
      }
    }
  }

  /**
   * Lets a statement begin that is about rows of no certain keys. It has to end its stay.
   *
   * @param waits whether it may wait while such rows are held; else it then fails at once
   */
  public Stay admit(Call call, boolean waits) {
    return runner
        .admissions()
        .admit(
            new Reach.OfKeyspaces(call.analysis().keyspaces()),
            call.analysis().kind() != Analysis.Kind.QUERY,
            waits ? patience(call.options()) : 0,
            call.running()::isCancelled);
  }

  /** Lets a batch begin, which has to end its stay. */
  public Stay admit(Batch batch) {
    return runner
        .admissions()
        .admit(
            new BatchReach(batch.entries()),
            /* changes= */ true,
            patience(batch.options()),
            batch.running()::isCancelled);
  }

  private long patience(StatementOptions options) {
    return options.deadline(runner.timeouts().statement()).toNanos();
  }

  /** Carries out the parts of a write, each a transaction of its own on its shard. */
  public <T> List<PartEnd<T>> atOnce(
      List<PartsRun.Part<T>> parts, StatementOptions options, Running running) {
    return new PartsRun<>(parts, running)
        .run(scatter.workers(), options.deadline(runner.timeouts().statement()));
  }

  /** The target of a statement that was found to be for one shard. */
  public static Target target(Analysis analysis, Arguments arguments, Destination.OneShard one) {
    return one.keys().isEmpty()
        ? new Target.OfRows(
            analysis.keyspaces(),
            one.shard(),
            topology ->
                analysis.destination(arguments, topology) instanceof Destination.OneShard now
                    && now.shard().equals(one.shard()))
        : ScatterEngine.target(one);
  }

  /** Where a keyspace without sharding key is whose tables a statement names, if it names one. */
  Optional<Target> single(Analysis analysis) {
    Topology topology = topology();
    return analysis.keyspaces().stream()
        .filter(name -> isSingle(topology, name))
        .findFirst()
        .map(name -> new Target.OfSingle(name, Region.ALL));
  }

  private static boolean isSingle(Topology topology, String keyspace) {
    return topology.keyspace(keyspace).filter(k -> k.strategy() == Strategy.SINGLE).isPresent();
  }

  /** All shards, the one to try first at the beginning. */
  public List<ShardId> anyOrder() {
    List<ShardId> shards = new ArrayList<>(routing().topology().shards().keySet());
    if (shards.isEmpty()) {
      throw new ShardUnavailable("the cluster has no shards yet", null);
    }
    Collections.rotate(shards, ThreadLocalRandom.current().nextInt(shards.size()));
    return shards;
  }

  Routing routing() {
    return runner.routing();
  }
}
