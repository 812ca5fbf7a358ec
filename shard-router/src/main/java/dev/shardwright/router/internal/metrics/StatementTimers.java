package dev.shardwright.router.internal.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The timers {@code shardwright.statement} of one keyspace on one shard. Made when first needed, so
 * that there are none for work that never happens; those of work that succeeds are found again
 * without a look-up in the registry. Thread-safe.
 */
public final class StatementTimers {
  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<StatementKind, AtomicReference<@Nullable Timer>> succeeded =
      new EnumMap<>(StatementKind.class);

  private final Measuring measuring = new Measuring();

  public StatementTimers(MeterRegistry registry, String keyspace, String shard) {
    this.registry = registry;
    this.tags = Tags.of("keyspace", keyspace, "shard", shard, "role", "primary");
    for (StatementKind kind : StatementKind.values()) {
      succeeded.put(kind, new AtomicReference<>());
    }
  }

  /** Work of that kind succeeded after that time, its repetitions included. */
  public void succeeded(StatementKind kind, long nanos) {
    AtomicReference<@Nullable Timer> known = Objects.requireNonNull(succeeded.get(kind));
    Timer timer = known.get();
    try {
      if (timer == null) {
        timer = timer(kind, Outcome.OK);
        known.set(timer);
      }
      timer.record(nanos, TimeUnit.NANOSECONDS);
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }

  /** Work of that kind failed so after that time, its repetitions included. */
  public void failed(StatementKind kind, Outcome outcome, long nanos) {
    try {
      timer(kind, outcome).record(nanos, TimeUnit.NANOSECONDS);
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }

  /** Work is attempted again for that reason. */
  public void retried(String reason) {
    try {
      Counter.builder("shardwright.retry")
          .description("attempts that were followed by another")
          .tags(tags)
          .tag("reason", reason)
          .register(registry)
          .increment();
    } catch (RuntimeException | LinkageError e) {
      measuring.failed(e);
    }
  }

  private Timer timer(StatementKind kind, Outcome outcome) {
    return Timer.builder("shardwright.statement")
        .description("work on one shard, its repetitions included")
        .tags(tags)
        .tag("kind", kind.tag)
        .tag("outcome", outcome.tag)
        .register(registry);
  }
}
