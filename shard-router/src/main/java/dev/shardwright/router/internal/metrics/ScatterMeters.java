package dev.shardwright.router.internal.metrics;

import dev.shardwright.router.Explanation.Level;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What queries over several shards take, up to their first rows. Thread-safe. */
public final class ScatterMeters {
  private final MeterRegistry registry;
  private final DistributionSummary fanout;
  private final Measuring measuring = new Measuring();

  public ScatterMeters(MeterRegistry registry) {
    this.registry = registry;
    this.fanout =
        DistributionSummary.builder("shardwright.scatter.fanout")
            .description("the shards of a query over several")
            .register(registry);
  }

  /**
   * A query had its first rows, or failed.
   *
   * @param level how the answer is put together, over one shard like a merge
   */
  public void ended(Level level, Outcome outcome, int shards, long nanos) {
    try {
      Timer.builder("shardwright.scatter")
          .description("queries over several shards, up to their first rows")
          .tag("level", level.name().toLowerCase(Locale.ROOT))
          .tag("outcome", outcome.tag)
          .register(registry)
          .record(nanos, TimeUnit.NANOSECONDS);
      fanout.record(shards);
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }
}
