package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.moves.Acknowledger;
import dev.shardwright.router.internal.moves.HoldHelper;
import dev.shardwright.router.internal.moves.LoadReporter;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.PoolSettings;
import dev.shardwright.router.internal.pool.PoolState;
import dev.shardwright.router.internal.pool.Pools;
import dev.shardwright.router.internal.pool.RouterIdentity;
import dev.shardwright.router.internal.route.KeyspaceRouting;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.ShardRoute;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.route.Tenure;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.run.SessionBegin;
import dev.shardwright.router.internal.run.Workers;
import dev.shardwright.router.internal.scatter.ScatterEngine;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.jdbc.RouterDataSource;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a service to its shards: routes work by sharding key, runs it on a pooled connection,
 * and does again what is safe to do again. Make one for each cluster, keep it, and close it.
 * Thread-safe.
 *
 * <p>Follows the topology by itself. While ZooKeeper is out of reach, traffic goes on with the
 * topology at hand. A shard that is down fails fast for its own keys and for nothing else; no shard
 * is needed to start.
 */
public final class ShardRouter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShardRouter.class);

  private final ClusterLink link;
  private final TopologyFollower topology;
  private final Pools pools;
  private final Tenures tenures;
  private final RouterMeters meters;
  private final Runner runner;
  private final SessionBegin begin;
  private final ExecutorService workers;
  private final ScatterEngine scatter;
  private final Analyzer analyzer = new Analyzer();
  private final boolean sharesSessions;
  private final String cluster;
  private TopologyStore.@Nullable Subscription subscription;
  private @Nullable Acknowledger acknowledger;
  private @Nullable HoldHelper helper;
  private @Nullable LoadReporter loads;
  private boolean closed;

  private ShardRouter(ClusterLink link, String cluster, RouterOptions options) {
    this.link = link;
    this.cluster = cluster;
    this.sharesSessions = options.pgBouncer();
    this.meters = new RouterMeters(options.meters().orElseGet(CompositeMeterRegistry::new));
    long registration = link.membership().registration();
    Topology first = link.store().read();
    this.pools =
        new Pools(
            settings(options),
            options.credentials(),
            new RouterIdentity(cluster, link.membership().number(), this::epoch),
            options.meters(),
            options.timeouts().close());
    this.tenures = new Tenures(link, pools, registration);
    this.topology = new TopologyFollower(first, this::prepare);
    this.runner = new Runner(topology, options.timeouts(), meters, cluster);
    this.begin = new SessionBegin(runner, pools);
    this.workers = Workers.of(cluster);
    this.scatter =
        new ScatterEngine(
            runner, workers, meters.scatter(), cluster, options.pools().maxConnections());
    meters.watch(cluster, () -> epoch().value(), link.store()::isConnected);
  }

  /**
   * Connects to a cluster, with {@link RouterOptions#DEFAULTS}.
   *
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time, or the
   *     cluster has not been set up
   */
  public static ShardRouter connect(String zookeeper, String cluster) {
    return connect(zookeeper, cluster, RouterOptions.DEFAULTS);
  }

  /**
   * Connects to a cluster: registers there, then reads the topology. Connects to no shard.
   *
   * @param zookeeper {@code host:port}, several divided by commas
   * @param cluster the cluster's name
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time, or the
   *     cluster has not been set up
   */
  public static ShardRouter connect(String zookeeper, String cluster, RouterOptions options) {
    ClusterLink link = ClusterLink.open(zookeeper, cluster, options);
    ShardRouter router;
    try {
      router = new ShardRouter(link, cluster, options);
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
    try {
      router.followTopology();
      return router;
    } catch (RuntimeException e) {
      router.close();
      throw e;
    }
  }

  /**
   * The keyspace of that name.
   *
   * @throws RouteRefused if the cluster has none, or the router is closed
   */
  public Keyspace keyspace(String name) {
    runner.routing().keyspace(name);
    return new Keyspace(runner, workers, name, Region.ALL);
  }

  /**
   * The rows of a query whose sharding key is not said, from all shards that may have some, in the
   * order of the query, as one PostgreSQL with all the rows could have given them. The short form
   * of {@link Scatter#query} with {@link ScatterOptions#DEFAULTS}.
   *
   * @throws dev.shardwright.ShardException as {@link Scatter} tells
   */
  public <T> List<T> scatter(String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return scatter(ScatterOptions.DEFAULTS).query(sql, mapper, parameters);
  }

  /** Queries whose sharding key is not said, within those bounds. */
  public Scatter scatter(ScatterOptions options) {
    return new Scatter(scatter, analyzer, runner, begin, workers, options);
  }

  /**
   * How a query would be carried out: on which shards, what they run, how the answer is put
   * together. Sends nothing.
   *
   * @throws RouteRefused if the query would be refused
   */
  public Explanation explain(String sql, @Nullable Object... parameters) {
    return scatter(ScatterOptions.DEFAULTS).explain(sql, parameters);
  }

  /**
   * Work on a shard whatever it holds: for tools.
   *
   * @throws RouteRefused if the cluster has no such shard, or the router is closed
   */
  public OneShard shard(String id) {
    ShardId shard;
    try {
      shard = ShardId.of(id);
    } catch (IllegalArgumentException e) {
      throw new RouteRefused(String.valueOf(e.getMessage()), e);
    }
    runner.routing().shard(shard);
    return new OneShard(runner, new Target.OfShard(shard), /* idempotent= */ false);
  }

  /**
   * Plain JDBC over all shards, for code that speaks it already. The data source holds no
   * connection of its own and needs no pool around it. Closing the router ends its connections.
   */
  public DataSource dataSource() {
    return new RouterDataSource(this, runner, scatter, analyzer, begin, sharesSessions);
  }

  /**
   * Where a key of a keyspace without regions is now: for people and tools.
   *
   * @throws RouteRefused if there is no such keyspace, or no row can have the key
   */
  public Route route(String keyspace, @Nullable Object key) {
    return route(keyspace, Region.ALL, key);
  }

  /**
   * Where a key of a region is now: for people and tools.
   *
   * @throws RouteRefused if there is no such keyspace or region, or no row can have the key
   */
  public Route route(String keyspace, Region region, @Nullable Object key) {
    if (key == null) {
      throw new RouteRefused("keyspace " + keyspace + ": the key is null");
    }
    Routing routing = runner.routing();
    KeyspaceRouting in = routing.keyspace(keyspace);
    long token = in.tokenOf(key);
    ShardRoute found = in.route(region, token);
    return new Route(
        keyspace, region, token, found.shard(), found.pool().endpoint(), routing.epoch());
  }

  /** The topology that work which begins now goes by: for people and tools. */
  public Topology topology() {
    return topology.current().topology();
  }

  /** How the router is now. Sends nothing to anybody. */
  public RouterHealth health() {
    List<RouterHealth.PoolHealth> health =
        pools.all().stream()
            .map(ShardRouter::health)
            .sorted(Comparator.comparing(RouterHealth.PoolHealth::shard))
            .toList();
    return new RouterHealth(
        link.membership().number(), link.store().isConnected(), epoch(), health);
  }

  /**
   * Ends the router: new work is refused at once; work that runs may go on for the time that {@link
   * Timeouts#close} allows, then its connections are cut. Safe to call twice; the second call waits
   * for the first.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    runner.close();
    pools.close();
    scatter.close();
    workers.shutdown();
    if (subscription != null) {
      subscription.close();
    }
    if (loads != null) {
      loads.close();
    }
    if (helper != null) {
      helper.close();
    }
    if (acknowledger != null) {
      acknowledger.close();
    }
    meters.close();
    link.close();
  }

  ScatterEngine scatterEngine() {
    return scatter;
  }

  private synchronized void followTopology() {
    link.membership().report(epoch());
    helper = new HoldHelper(link.store(), topology, runner, cluster);
    acknowledger = new Acknowledger(this::acknowledge, meters, topology.current(), cluster);
    loads = new LoadReporter(this::report, LoadReporter.PERIOD, topology.current(), cluster);
    subscription = link.store().watch(this::follow);
  }

  private void acknowledge(Subject subject) {
    link.acknowledgements().acknowledge(subject, link.membership().number());
  }

  private void report(byte[] load) {
    link.loads().report(link.membership().number(), load);
  }

  private void follow(Topology seen) {
    Routing before = topology.current();
    Acknowledger said = acknowledger;
    if (said == null || !seen.epoch().isAfter(before.epoch())) {
      return;
    }
    Topology next = tenures.confirmed(before, seen, said::hasSaid);
    if (topology.offer(next)) {
      switched(topology.current());
      log.info("follows the topology of epoch {}", next.epoch());
      pools.retain(next);
      link.membership().report(next.epoch());
    }
  }

  /** The acknowledger is the first to know, since a mover waits for it. */
  private void switched(Routing next) {
    if (acknowledger != null) {
      acknowledger.switchedTo(next);
    }
    if (helper != null) {
      helper.switchedTo(next);
    }
    if (loads != null) {
      loads.switchedTo(next);
    }
  }

  private Routing prepare(Topology seen) {
    Tenure tenure = tenureUnder(seen);
    return new Routing(
        seen,
        (keyspace, shard) ->
            new ShardRoute(
                shard.id(),
                pools.pool(shard.id(), shard.primary()),
                meters.timers(keyspace, shard.id().value())),
        tenure);
  }

  private Tenure tenureUnder(Topology seen) {
    Acknowledger said = acknowledger;
    return said == null ? tenures.first() : tenures.under(topology.current(), seen, said::hasSaid);
  }

  private Epoch epoch() {
    return topology.current().epoch();
  }

  private static RouterHealth.PoolHealth health(EndpointPool pool) {
    PoolState state = pool.state();
    return new RouterHealth.PoolHealth(
        pool.shard(),
        pool.endpoint(),
        state.total(),
        state.active(),
        state.idle(),
        state.waiting(),
        state.failure());
  }

  private static PoolSettings settings(RouterOptions options) {
    return new PoolSettings(
        options.pools().maxConnections(),
        options.pools().idleTimeout(),
        options.pools().maxLifetime(),
        options.timeouts().acquire(),
        options.timeouts().connect(),
        options.timeouts().statement(),
        options.pgBouncer());
  }
}
