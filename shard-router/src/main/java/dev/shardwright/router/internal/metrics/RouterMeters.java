package dev.shardwright.router.internal.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The metrics of one router. Work goes on where the registry throws. Thread-safe. */
public final class RouterMeters implements AutoCloseable {
  private final MeterRegistry registry;
  private final Map<TimerKey, StatementTimers> timers = new ConcurrentHashMap<>();
  private final ScatterMeters scatter;
  private final Measuring measuring = new Measuring();
  private volatile List<Meter> gauges = List.of();

  public RouterMeters(MeterRegistry registry) {
    this.registry = registry;
    this.scatter = new ScatterMeters(registry);
  }

  /** The timers of a keyspace on a shard; the same ones each time. */
  public StatementTimers timers(String keyspace, String shard) {
    return timers.computeIfAbsent(
        new TimerKey(keyspace, shard), key -> new StatementTimers(registry, keyspace, shard));
  }

  /** The metrics of queries over several shards. */
  public ScatterMeters scatter() {
    return scatter;
  }

  /** Work of a keyspace waited that long for rows that were held. */
  public void held(String keyspace, Duration waited) {
    try {
      Timer.builder("shardwright.hold")
          .description("the waiting of work for rows that were about to change hands")
          .tag("keyspace", keyspace)
          .register(registry)
          .record(waited);
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }

  /** An acknowledgement of a range move could not be written. */
  public void acknowledgementFailed() {
    try {
      Counter.builder("shardwright.acknowledgement.failed")
          .description(
              "acknowledgements of range moves that could not be written, and will be again")
          .register(registry)
          .increment();
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }

  /** Shows the router's view of the topology. */
  public void watch(String cluster, LongSupplier epoch, BooleanSupplier zookeeperConnected) {
    gauges =
        List.of(
            Gauge.builder("shardwright.topology.epoch", epoch::getAsLong)
                .description("the topology that the router routes by")
                .tag("cluster", cluster)
                .register(registry),
            Gauge.builder(
                    "shardwright.zookeeper.connected",
                    () -> zookeeperConnected.getAsBoolean() ? 1 : 0)
                .description("1 while changes of the topology can arrive")
                .tag("cluster", cluster)
                .register(registry));
  }

  /** Takes the gauges away, which would hold on to the router. */
  @Override
  public void close() {
    gauges.forEach(registry::remove);
  }

  private record TimerKey(String keyspace, String shard) {}
}
