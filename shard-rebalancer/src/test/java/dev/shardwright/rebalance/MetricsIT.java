package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@Tag("slow")
class MetricsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void aMigrationIsSeenWhileItRunsAndOnlyItsPauseAfterwards() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    try (LiveCluster cluster = new LiveCluster(3_000);
        Rebalancer rebalancer = cluster.rebalancer(cluster.options().withMeters(registry));
        Rebalancer onlooker = cluster.rebalancer()) {
      RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
      assertThat(value("shardwright.skew", "dimension", "tokens")).isEqualTo(2);
      assertThat(value("shardwright.skew", "dimension", "rows")).isEqualTo(2);
      assertThat(registry.find("shardwright.skew").tag("dimension", "load").gauge()).isNull();
      assertThat(value("shardwright.shard.rows", "shard", "s-1")).isEqualTo(3_000);
      assertThat(value("shardwright.shard.bytes", "shard", "s-1")).isGreaterThan(300_000);

      Incrementing writers = new Incrementing(cluster, seed);
      rebalancer.campaign("one");
      int number = rebalancer.start(plan, options(50_000)).get(0);
      MigrationStatus copying =
          onlooker.await(
              number,
              status -> status.progress().keyLog() > 0 && status.timeLeft().isPresent(),
              PATIENCE);
      assertThat(copying.rows()).isPositive().isLessThanOrEqualTo(copying.estimatedRows());
      assertThat(copying.bytes()).isLessThanOrEqualTo(copying.progress().estimatedBytes());
      assertThat(copying.progress().bytesPerSecond()).isPositive();
      await().until(() -> value("shardwright.migration.rows", "keyspace", "bank") > 0);
      await().until(() -> value("shardwright.migration.keylog", "keyspace", "bank") > 0);
      assertThat(value("shardwright.migration.bytes", "keyspace", "bank")).isPositive();
      assertThat(value("shardwright.migration.state", "state", "COPYING")).isEqualTo(1);
      writers.end();
      MigrationStatus done =
          onlooker.await(number, status -> status.state().equals("DONE"), PATIENCE);

      CutoverPause pause = done.lastPause().orElseThrow();
      assertThat(pause.total()).isPositive().isEqualTo(done.pause());
      assertThat(done.timeLeft()).isEmpty();
      assertThat(done.estimatedRows()).isEqualTo(done.rows());
      assertThat(done.progress().keyLog()).isZero();
      assertThat(timed("total")).isEqualTo((double) pause.total().toNanos());
      assertThat(timed("commit")).isEqualTo((double) pause.commit().toNanos());
      await().until(() -> gauges("shardwright.migration.state").isEmpty());
      assertThat(gauges("shardwright.migration.rows")).isEmpty();
    }
    assertThat(gauges("shardwright.skew")).isEmpty();
  }

  @Test
  void aRegistryThatFailsKeepsNoMigrationFromItsEnd() throws Exception {
    FailingRegistry failing = new FailingRegistry();
    try (LiveCluster cluster = new LiveCluster(100);
        Rebalancer rebalancer = cluster.rebalancer(cluster.options().withMeters(failing));
        Rebalancer onlooker = cluster.rebalancer()) {
      onlooker.start(plan(onlooker), options(Long.MAX_VALUE));
      failing.fails = true;
      rebalancer.campaign("one");
      await().until(() -> failing.failures.get() > 0);
      for (MigrationStatus begun : onlooker.migrations()) {
        onlooker.await(begun.number(), MigrationStatus::isOver, PATIENCE);
      }
      RebalancePlan back =
          onlooker.plan(
              new RebalanceRequest.MoveTokens(
                  new RingId("bank", Region.ALL),
                  onlooker.migrations().get(0).transfer().ranges(),
                  ShardId.of("s-1")));
      int later = onlooker.start(back, options(Long.MAX_VALUE)).get(0);
      MigrationStatus over = onlooker.await(later, MigrationStatus::isOver, PATIENCE);
      assertThat(over.outcome()).isEqualTo(MigrationStatus.Outcome.MOVED);
      assertThat(over.lastPause()).isPresent();
    }
  }

  private static RebalancePlan plan(Rebalancer rebalancer) {
    return rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
  }

  /** Fails from some time on whatever it is asked to show. */
  private static final class FailingRegistry extends SimpleMeterRegistry {
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean fails;

    @Override
    protected <T> Gauge newGauge(Meter.Id id, @Nullable T subject, ToDoubleFunction<T> value) {
      failIfWanted();
      return super.newGauge(id, subject, value);
    }

    @Override
    protected Timer newTimer(
        Meter.Id id, DistributionStatisticConfig config, PauseDetector detector) {
      failIfWanted();
      return super.newTimer(id, config, detector);
    }

    private void failIfWanted() {
      if (fails) {
        failures.incrementAndGet();
        throw new IllegalStateException("the registry is full");
      }
    }
  }

  private double timed(String part) {
    return registry
        .get("shardwright.cutover.pause")
        .tag("keyspace", "bank")
        .tag("part", part)
        .timer()
        .totalTime(TimeUnit.NANOSECONDS);
  }

  private double value(String name, String tag, String value) {
    Gauge gauge = registry.find(name).tag("keyspace", "bank").tag(tag, value).gauge();
    return gauge == null ? Double.NaN : gauge.value();
  }

  private Collection<Gauge> gauges(String name) {
    return registry.find(name).gauges();
  }

  private static MoveOptions options(long bytesPerSecond) {
    return new MoveOptions(Duration.ZERO, bytesPerSecond, 2, Duration.ofMillis(500));
  }
}
