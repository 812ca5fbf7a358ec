package dev.shardwright.bench.compare;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A router's metrics, which keep each single wait of work for held rows. Thread-safe. */
final class HeldWork extends SimpleMeterRegistry {
  private static final String HOLD = "shardwright.hold";

  private final Queue<Double> waits = new ConcurrentLinkedQueue<>();

  @Override
  protected Timer newTimer(
      Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
    return id.getName().equals(HOLD)
        ? new Waits(id, clock, statistics, pauses)
        : super.newTimer(id, statistics, pauses);
  }

  /** The milliseconds of the waits that have ended since the last call. */
  List<Double> take() {
    List<Double> taken = new ArrayList<>();
    for (Double wait = waits.poll(); wait != null; wait = waits.poll()) {
      taken.add(wait);
    }
    return taken;
  }

  private final class Waits extends CumulativeTimer {
    Waits(Meter.Id id, Clock clock, DistributionStatisticConfig statistics, PauseDetector pauses) {
      super(id, clock, statistics, pauses, getBaseTimeUnit(), false);
    }

    @Override
    protected void recordNonNegative(long amount, TimeUnit unit) {
      super.recordNonNegative(amount, unit);
      waits.add(unit.toNanos(amount) / 1e6);
    }
  }
}
