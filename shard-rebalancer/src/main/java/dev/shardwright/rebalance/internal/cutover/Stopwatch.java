package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.rebalance.internal.migration.CutoverStep;
import dev.shardwright.rebalance.watch.CutoverPause;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Adds up how long each step of an attempt takes. Not thread-safe. */
final class Stopwatch {
  private final Map<CutoverStep, Long> nanos = new EnumMap<>(CutoverStep.class);
  private long began;
  private long last;

  /** The hold is in force; what was done before kept nobody waiting. */
  void start() {
    nanos.clear();
    began = System.nanoTime();
    last = began;
  }

  /** All that came since the step before was this one. */
  void did(CutoverStep step) {
    long now = System.nanoTime();
    nanos.merge(step, now - last, Long::sum);
    last = now;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  CutoverPause pause() {
    return new CutoverPause(
        took(CutoverStep.AWAIT_ROUTERS),
        took(CutoverStep.GATE),
        took(CutoverStep.DRAIN),
        took(CutoverStep.FENCE),
        took(CutoverStep.COMMIT),
        took(CutoverStep.OPEN));
  }

  private Duration took(CutoverStep step) {
    return Duration.ofNanos(nanos.getOrDefault(step, 0L));
  }
}
