package dev.shardwright.cli.daemon;

import dev.shardwright.cli.daemon.alert.Alert;
import dev.shardwright.cli.daemon.alert.ClusterFacts;
import dev.shardwright.cli.daemon.alert.RaisedAlert;
import dev.shardwright.ring.ShardId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The metrics of the daemon itself; the rebalancer has its own. Thread-safe. */
final class DaemonMeters {
  private final Counter failedSamples;
  private final MultiGauge alerts;
  private final MultiGauge unreachable;
  private final String cluster;
  private final String candidate;
  private volatile long epoch;
  private volatile int routers;
  private volatile boolean someoneLeads;
  private volatile boolean leads;
  private volatile Instant sampledAt;

  /**
   * @param cluster its name
   * @param candidate under which this daemon stands for election
   * @param zooKeeper whether it answers
   */
  DaemonMeters(
      MeterRegistry registry,
      String cluster,
      String candidate,
      BooleanSupplier zooKeeper,
      Clock clock) {
    this.cluster = cluster;
    this.candidate = candidate;
    this.sampledAt = clock.instant();
    Tags tags = Tags.of("cluster", cluster);
    Gauge.builder("shardwright.topology.epoch", () -> epoch)
        .description("the topology in force, as this daemon saw it last")
        .tags(tags)
        .register(registry);
    Gauge.builder("shardwright.zookeeper.connected", () -> zooKeeper.getAsBoolean() ? 1 : 0)
        .description("1 while ZooKeeper answers")
        .tags(tags)
        .register(registry);
    Gauge.builder("shardwright.leader", () -> leads ? 1 : 0)
        .description("1 while this daemon carries out migrations")
        .tags(tags)
        .register(registry);
    Gauge.builder("shardwright.leader.known", () -> someoneLeads ? 1 : 0)
        .description("1 while somebody carries out migrations")
        .tags(tags)
        .register(registry);
    Gauge.builder("shardwright.routers", () -> routers)
        .description("routers that are registered")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            "shardwright.sample.age",
            () -> Duration.between(sampledAt, clock.instant()).toMillis() / 1_000.0)
        .description("how old the newest sample of the shards is")
        .baseUnit("seconds")
        .tags(tags)
        .register(registry);
    this.failedSamples =
        Counter.builder("shardwright.sample.failed")
            .description("samples of the shards that failed")
            .tags(tags)
            .register(registry);
    this.alerts =
        MultiGauge.builder("shardwright.alert")
            .description("1 for each thing that is wrong")
            .register(registry);
    this.unreachable =
        MultiGauge.builder("shardwright.shard.unreachable")
            .description("1 for each shard that was not in order at the last sample")
            .register(registry);
  }

  void sampled(Instant at) {
    sampledAt = at;
  }

  void sampleFailed() {
    failedSamples.increment();
  }

  void seen(ClusterFacts facts) {
    epoch = facts.epoch().value();
    routers = facts.routers().size();
    someoneLeads = facts.leader().isPresent();
    leads = facts.leader().filter(candidate::equals).isPresent();
  }

  void zooKeeperLost() {
    someoneLeads = false;
    leads = false;
  }

  void show(List<RaisedAlert> raised, Map<ShardId, String> shards) {
    alerts.register(
        raised.stream().map(this::tags).distinct().map(tags -> MultiGauge.Row.of(tags, 1)).toList(),
        true);
    unreachable.register(
        shards.keySet().stream()
            .map(shard -> Tags.of("cluster", cluster, "shard", shard.value()))
            .map(tags -> MultiGauge.Row.of(tags, 1))
            .toList(),
        true);
  }

  private Tags tags(RaisedAlert raised) {
    Alert alert = raised.alert();
    return Tags.of(
        "cluster",
        cluster,
        "name",
        alert.name(),
        "severity",
        alert.severity().name().toLowerCase(Locale.ROOT),
        "subject",
        alert.subject());
  }
}
