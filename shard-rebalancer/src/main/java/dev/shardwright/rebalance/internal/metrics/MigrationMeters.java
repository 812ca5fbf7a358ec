package dev.shardwright.rebalance.internal.metrics;

import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.watch.CutoverPause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;

/**
 * The metrics of the migrations that this process carries out. Those that are over are not shown,
 * and of many that wait only some, so that there are never more than a few hundred. Thread-safe.
 */
public final class MigrationMeters {
  private static final int MOST_SHOWN = 100;

  private static final Comparator<Migration> BEGUN_FIRST =
      Comparator.comparing((Migration migration) -> migration.state() == MigrationState.PLANNED)
          .thenComparing(Migration::number);

  private final MeterRegistry registry;
  private final MultiGauge states;
  private final MultiGauge rows;
  private final MultiGauge bytes;
  private final MultiGauge keyLogs;
  private final MultiGauge attempts;

  /** There from the beginning, so that the first one is seen as a rise. */
  private final Counter cutOffs;

  /** What the gauges read, so that none has to be taken away to get another value. */
  private final Map<Integer, AtomicReference<Migration>> known = new HashMap<>();

  public MigrationMeters(MeterRegistry registry) {
    this.registry = registry;
    this.states = gauge("state", "1 for the state that the migration is in");
    this.rows = gauge("rows", "rows that were copied so far");
    this.bytes = gauge("bytes", "bytes that were copied so far");
    this.keyLogs = gauge("keylog", "about how many writes wait in the key logs to be copied again");
    this.attempts = gauge("attempts", "how often the ranges were tried to change hands in vain");
    this.cutOffs =
        Counter.builder("shardwright.router.cutoff")
            .description("routers that moves cut off, since they did not follow the topology")
            .register(registry);
  }

  private MultiGauge gauge(String name, String description) {
    return MultiGauge.builder("shardwright.migration." + name)
        .description(description)
        .register(registry);
  }

  /** Shows these migrations as they are now, and no others. */
  public synchronized void show(List<Migration> migrations) {
    List<Migration> shown =
        migrations.stream()
            .filter(migration -> !migration.state().isOver())
            .sorted(BEGUN_FIRST)
            .limit(MOST_SHOWN)
            .toList();
    known.keySet().retainAll(shown.stream().map(Migration::number).toList());
    List<MultiGauge.Row<?>> inState = new ArrayList<>();
    for (Migration migration : shown) {
      inState.add(MultiGauge.Row.of(tags(migration).and("state", migration.state().name()), 1));
      latest(migration).set(migration);
    }
    states.register(inState, false);
    rows.register(values(shown, migration -> migration.progress().rows()), false);
    bytes.register(values(shown, migration -> migration.progress().bytes()), false);
    keyLogs.register(values(shown, migration -> migration.progress().keyLog()), false);
    attempts.register(values(shown, Migration::attempts), false);
  }

  /** Work on moving ranges of a keyspace waited so at a cutover. */
  public void waited(String keyspace, CutoverPause pause) {
    pause.parts().forEach((part, time) -> record(keyspace, part, time));
    record(keyspace, "total", pause.total());
  }

  /** So many routers are cut off. */
  public void cutOff(int routers) {
    cutOffs.increment(routers);
  }

  private void record(String keyspace, String part, Duration time) {
    Timer.builder("shardwright.cutover.pause")
        .description("the waiting of work on ranges that changed hands")
        .tag("keyspace", keyspace)
        .tag("part", part)
        .register(registry)
        .record(time);
  }

  private List<MultiGauge.Row<?>> values(List<Migration> shown, ToLongFunction<Migration> value) {
    List<MultiGauge.Row<?>> values = new ArrayList<>();
    for (Migration migration : shown) {
      values.add(
          MultiGauge.Row.of(
              tags(migration), latest(migration), now -> value.applyAsLong(now.get())));
    }
    return values;
  }

  private AtomicReference<Migration> latest(Migration migration) {
    return known.computeIfAbsent(migration.number(), number -> new AtomicReference<>(migration));
  }

  private static Tags tags(Migration migration) {
    return Tags.of(
        "migration", Integer.toString(migration.number()), "keyspace", migration.keyspace());
  }
}
