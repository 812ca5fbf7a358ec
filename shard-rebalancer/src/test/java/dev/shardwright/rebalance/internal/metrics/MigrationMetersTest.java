package dev.shardwright.rebalance.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MigrationMetersTest {
  private static final String CUT_OFF = "shardwright.router.cutoff";
  private static final String STATE = "shardwright.migration.state";

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MigrationMeters meters = new MigrationMeters(registry);

  @Test
  void showsTheStateThatAMigrationIsInAndWhatItHasCopied() {
    Migration first = planned(1);
    meters.show(List.of(first, planned(2)));
    assertThat(states()).containsExactlyInAnyOrder("1 PLANNED", "2 PLANNED");
    meters.show(
        List.of(
            first
                .enter(MigrationState.REGISTERING, Direction.FORWARD, "", Instant.EPOCH)
                .withProgress(new MigrationProgress(10, 2_000, 50, 100, 7))
                .attempted(),
            planned(2)));
    assertThat(states()).containsExactlyInAnyOrder("1 REGISTERING", "2 PLANNED");
    assertThat(value("shardwright.migration.rows", 1)).isEqualTo(10);
    assertThat(value("shardwright.migration.bytes", 1)).isEqualTo(2_000);
    assertThat(value("shardwright.migration.keylog", 1)).isEqualTo(7);
    assertThat(value("shardwright.migration.attempts", 1)).isEqualTo(1);
    assertThat(value("shardwright.migration.rows", 2)).isZero();
  }

  @Test
  void nothingIsLeftOfWhatIsOver() {
    Migration over = planned(1).enter(MigrationState.ABORTED, Direction.FORWARD, "", Instant.EPOCH);
    meters.show(List.of(planned(1), planned(2)));
    meters.show(List.of(over, planned(2)));
    assertThat(states()).containsExactly("2 PLANNED");
    meters.show(List.of());
    assertThat(registry.getMeters())
        .extracting(meter -> meter.getId().getName())
        .containsExactly(CUT_OFF);
    meters.show(List.of(planned(1).withProgress(new MigrationProgress(3, 3, 3, 3, 3))));
    assertThat(value("shardwright.migration.rows", 1)).isEqualTo(3);
  }

  @Test
  void showsAHundredAtMostAndThoseThatHaveBegunFirst() {
    Migration last =
        planned(5_000).enter(MigrationState.REGISTERING, Direction.FORWARD, "", Instant.EPOCH);
    List<Migration> many =
        IntStream.rangeClosed(1, 5_000)
            .mapToObj(number -> number == 5_000 ? last : planned(number))
            .toList();
    meters.show(many);
    assertThat(states())
        .hasSize(100)
        .contains("5000 REGISTERING", "1 PLANNED", "99 PLANNED")
        .doesNotContain("100 PLANNED");
  }

  @Test
  void timesEachPartOfAPauseAndTheWhole() {
    CutoverPause pause =
        new CutoverPause(millis(1), millis(2), millis(3), millis(4), millis(5), millis(6));
    meters.waited("shop", pause);
    meters.waited("shop", pause);
    assertThat(timer("commit").count()).isEqualTo(2);
    assertThat(timer("commit").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(10);
    assertThat(timer("total").max(TimeUnit.MILLISECONDS)).isEqualTo(21);
    assertThat(registry.find("shardwright.cutover.pause").timers())
        .extracting(timer -> timer.getId().getTag("part"))
        .containsExactlyInAnyOrder("routers", "gate", "drain", "fence", "commit", "open", "total");
  }

  /** Else a rise from nothing to one would be none to who scrapes it. */
  @Test
  void countsRoutersThatAreCutOffFromZeroOn() {
    assertThat(registry.get(CUT_OFF).counter().count()).isZero();
    meters.cutOff(2);
    meters.cutOff(1);
    assertThat(registry.get(CUT_OFF).counter().count()).isEqualTo(3);
  }

  private Timer timer(String part) {
    return registry
        .get("shardwright.cutover.pause")
        .tag("keyspace", "shop")
        .tag("part", part)
        .timer();
  }

  private List<String> states() {
    return registry.find(STATE).gauges().stream()
        .filter(gauge -> gauge.value() == 1)
        .map(MigrationMetersTest::text)
        .toList();
  }

  private static String text(Gauge gauge) {
    return gauge.getId().getTag("migration") + " " + gauge.getId().getTag("state");
  }

  private double value(String name, int migration) {
    return registry
        .get(name)
        .tag("migration", Integer.toString(migration))
        .tag("keyspace", "shop")
        .gauge()
        .value();
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static Migration planned(int number) {
    return Migration.planned(
        number,
        "shop",
        Region.ALL,
        new RangeTransfer(ShardId.of("s"), ShardId.of("t"), KeyRangeSet.ALL),
        Optional.empty(),
        "because",
        MoveOptions.DEFAULTS,
        Instant.EPOCH);
  }
}
