package dev.shardwright.router.internal.pool;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pools of a router, one for each endpoint. Those whose endpoint leaves the topology are closed
 * once the work that runs there has ended, or has had its time. Thread-safe.
 */
public final class Pools implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** How long cancelled work has to end. */
  private static final Duration CANCEL = Duration.ofSeconds(1);

  private final PoolSettings settings;
  private final CredentialsProvider credentials;
  private final RouterIdentity identity;
  private final Optional<MeterRegistry> registry;
  private final Duration drain;
  private final ScheduledThreadPoolExecutor housekeeping;
  private final SocketWatch watch;
  private final Map<Place, EndpointPool> pools = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable SessionDefaults> defaults = new AtomicReference<>();
  private final Set<EndpointPool> retired = ConcurrentHashMap.newKeySet();

  /**
   * @param registry where the pools' metrics go, if anywhere
   * @param drain how long work may still run on a pool that is to be closed
   */
  public Pools(
      PoolSettings settings,
      CredentialsProvider credentials,
      RouterIdentity identity,
      Optional<MeterRegistry> registry,
      Duration drain) {
    this.settings = settings;
    this.credentials = credentials;
    this.identity = identity;
    this.registry = registry;
    this.drain = drain;
    this.housekeeping =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "shardwright-pools-" + identity.cluster());
              thread.setDaemon(true);
              return thread;
            });
    this.watch = SocketWatch.start(identity.cluster());
    housekeeping.setRemoveOnCancelPolicy(true);
    housekeeping.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** The pool of that endpoint of that shard; the same one each time. */
  public EndpointPool pool(ShardId shard, Endpoint endpoint) {
    return pools.computeIfAbsent(new Place(shard, endpoint), this::create);
  }

  /** Closes the pools whose endpoint is not in the topology, in the background. */
  public void retain(Topology topology) {
    Set<Place> wanted = new HashSet<>();
    for (Shard shard : topology.shards().values()) {
      wanted.add(new Place(shard.id(), shard.primary()));
      shard.replicas().forEach(replica -> wanted.add(new Place(shard.id(), replica)));
    }
    remove(place -> !wanted.contains(place), pool -> {});
  }

  /**
   * Lets new pools take the place of those of some shards: who has not got a connection of these
   * yet does not get one any more.
   */
  public void renew(Set<ShardId> shards) {
    remove(place -> shards.contains(place.shard()), EndpointPool::retire);
  }

  private void remove(Predicate<Place> which, Consumer<EndpointPool> first) {
    for (Place place : pools.keySet().stream().filter(which).toList()) {
      EndpointPool pool = pools.remove(place);
      if (pool != null) {
        first.accept(pool);
        retired.add(pool);
        inBackground(
            "shardwright-drain-" + pool.shard(),
            () -> {
              awaitUnused(List.of(pool), drain);
              cut(pool);
              retired.remove(pool);
            });
      }
    }
  }

  /** What the session that was opened last began with, on whichever shard. */
  public Optional<SessionDefaults> defaults() {
    return Optional.ofNullable(defaults.get());
  }

  /** All pools there are. */
  public Collection<EndpointPool> all() {
    return List.copyOf(pools.values());
  }

  /**
   * Waits until no connection is in use, but no longer than work may take; then closes all pools.
   * Safe to call twice.
   */
  @Override
  public void close() {
    List<EndpointPool> closing = new ArrayList<>(pools.values());
    closing.addAll(retired);
    awaitUnused(closing, drain);
    // Each on its own thread: a pool that is just connecting to a dead server takes a while.
    List<Thread> closers =
        closing.stream()
            .map(pool -> inBackground("shardwright-close-" + pool.shard(), () -> cut(pool)))
            .toList();
    closers.forEach(Uninterruptibles::joinUninterruptibly);
    housekeeping.shutdownNow();
    watch.close();
  }

  private static Thread inBackground(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Closes a pool. What still runs is cancelled first: the server would not notice that nobody
   * waits for it any more, and a write that it cancelled has a known outcome.
   */
  private static void cut(EndpointPool pool) {
    if (pool.state().active() > 0) {
      pool.cancelRunning();
      awaitUnused(List.of(pool), CANCEL);
    }
    pool.close();
  }

  private static void awaitUnused(List<EndpointPool> closing, Duration patience) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < patience.toNanos()
        && !Thread.currentThread().isInterrupted()
        && closing.stream().anyMatch(pool -> pool.state().active() > 0)) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  private EndpointPool create(Place place) {
    return new EndpointPool(
        place.shard(),
        place.endpoint(),
        settings,
        credentials,
        identity,
        housekeeping,
        watch,
        defaults::set,
        registry.map(AcquireMetrics::new).orElse(null));
  }

  private record Place(ShardId shard, Endpoint endpoint) {}
}
