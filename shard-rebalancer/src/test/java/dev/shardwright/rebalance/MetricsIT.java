package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.CutoverPause;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
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
              status -> status.progress().keyLog() > 0 && status.progress().timeLeft().isPresent(),
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
      assertThat(done.progress().timeLeft()).contains(Duration.ZERO);
      assertThat(done.progress().keyLog()).isZero();
      assertThat(timed("total")).isEqualTo((double) pause.total().toNanos());
      assertThat(timed("commit")).isEqualTo((double) pause.commit().toNanos());
      await().until(() -> gauges("shardwright.migration.state").isEmpty());
      assertThat(gauges("shardwright.migration.rows")).isEmpty();
    }
    assertThat(gauges("shardwright.skew")).isEmpty();
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
