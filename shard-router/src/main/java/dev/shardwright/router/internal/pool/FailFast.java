package dev.shardwright.router.internal.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that connecting to an endpoint failed. For a second, nobody else needs to try; then one
 * caller may, and the others wait for what it finds. Thread-safe.
 */
final class FailFast {
  /** How long after a failure, and after the start of a probe, nobody else tries. */
  static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AtomicReference<@Nullable Trouble> trouble = new AtomicReference<>();
  private final LongSupplier nanoTime;

  FailFast(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A connection was opened. */
  void connected() {
    trouble.set(null);
  }

  /** A connection could not be opened. */
  void failed(NoConnection failure) {
    long now = nanoTime.getAsLong();
    // What a newer topology mends needs no pause: who tries again has waited for one.
    boolean mended = failure.reason() == NoConnection.Reason.STALE_EPOCH;
    trouble.set(new Trouble(failure, now, mended ? now - PAUSE_NANOS : now));
  }

  /**
   * The failure that a caller in need of a new connection should be given at once; null if it may
   * try. A caller that may try although there was a failure is the probe.
   */
  @Nullable NoConnection current() {
    Trouble seen = trouble.get();
    if (seen == null) {
      return null;
    }
    long now = nanoTime.getAsLong();
    if (now - seen.pausedFrom() < PAUSE_NANOS) {
      return seen.failure();
    }
    boolean probe = trouble.compareAndSet(seen, new Trouble(seen.failure(), seen.at(), now));
    return probe ? null : seen.failure();
  }

  /** The failure, if one was seen after that time. */
  @Nullable NoConnection since(long nanos) {
    Trouble seen = trouble.get();
    return seen == null || seen.at() - nanos < 0 ? null : seen.failure();
  }

  /** The last failure, unless a connection was opened since. */
  @Nullable NoConnection last() {
    Trouble seen = trouble.get();
    return seen == null ? null : seen.failure();
  }

  private record Trouble(NoConnection failure, long at, long pausedFrom) {}
}
