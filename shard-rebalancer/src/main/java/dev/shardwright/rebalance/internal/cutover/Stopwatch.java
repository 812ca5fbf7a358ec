package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.rebalance.internal.migration.CutoverStep;
import dev.shardwright.rebalance.watch.CutoverPause;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Adds up how long each step of an attempt takes, until the ranges are open again: also where
 * another attempt finds that this one was successful. Not thread-safe.
 */
public final class Stopwatch {
  private final Map<CutoverStep, Long> nanos = new EnumMap<>(CutoverStep.class);
  private long began;
  private long last;
  private boolean runs;
  private Optional<CutoverPause> pause = Optional.empty();

  /** Has not begun. */
  public Stopwatch() {}

  /** The hold is asked for: it may be in force long before its answer is here. */
  void start() {
    nanos.clear();
    began = System.nanoTime();
    last = began;
    runs = true;
    pause = Optional.empty();
  }

  /** The ranges are with their new owner, and open; counts once after each start. */
  void stop() {
    if (runs) {
      did(CutoverStep.OPEN);
      runs = false;
      pause = Optional.of(soFar());
    }
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

  /** How long work waited; empty if it was not seen to begin, or has not ended. */
  public Optional<CutoverPause> pause() {
    return pause;
  }

  private CutoverPause soFar() {
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
