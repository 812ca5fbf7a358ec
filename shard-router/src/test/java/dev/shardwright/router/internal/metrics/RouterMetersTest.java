package dev.shardwright.router.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.Explanation.Level;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RouterMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RouterMeters meters = new RouterMeters(registry);

  @Test
  void whatARegistryThrowsIsNoConcernOfTheWork() {
    StatementTimers timers = meters.timers("shop", "s1");
    registry.config().meterFilter(throwing());
    assertThatThrownBy(() -> registry.counter("any")).hasMessage("thrown by a filter");
    meters.held("shop", Duration.ZERO);
    meters.acknowledgementFailed();
    meters.scatter().ended(Level.MERGE, Outcome.OK, 2, 1);
    timers.succeeded(StatementKind.UPDATE, 1);
    timers.failed(StatementKind.UPDATE, Outcome.FAILED, 1);
    timers.retried("unavailable");
    assertThat(registry.find("shardwright.statement").timer()).isNull();
  }

  private static MeterFilter throwing() {
    return new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        throw new IllegalStateException("thrown by a filter");
      }
    };
  }
}
