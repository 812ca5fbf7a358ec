package dev.shardwright.rebalance.internal.throttle;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the bytes that go over in a second, all lanes together, and pauses while a signal asks for
 * it. Work passes it between transactions, never within one. Thread-safe.
 */
public final class Throttle {
  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final long bytesPerSecond;
  private final List<Signal> signals;
  private final Duration interval;
  private final Ticker ticker;
  private final long began;
  private final ReentrantLock asking = new ReentrantLock();
  private long free;
  private long looked;
  private long restedNanos;
  private long restsSince;
  private volatile Optional<String> pause = Optional.empty();

  /**
   * A throttle that reads the system's clock.
   *
   * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no bound
   * @param signals looked at one after the other; the first that asks for a pause counts
   * @param interval how often they are looked at
   */
  public Throttle(long bytesPerSecond, List<Signal> signals, Duration interval) {
    this(bytesPerSecond, signals, interval, Ticker.systemTicker());
  }

  Throttle(long bytesPerSecond, List<Signal> signals, Duration interval, Ticker ticker) {
    checkArgument(bytesPerSecond > 0, "%s bytes a second: at least 1", bytesPerSecond);
    this.bytesPerSecond = bytesPerSecond;
    this.signals = List.copyOf(signals);
    this.interval = interval;
    this.ticker = ticker;
    this.began = ticker.read();
    this.looked = -interval.toNanos();
  }

  /** A throttle that lets everything pass. */
  public static Throttle none() {
    return new Throttle(Long.MAX_VALUE, List.of(), Duration.ofSeconds(1));
  }

  /** Waits as long as what went before was too much, or a signal asks for it. */
  public void await() throws SQLException, InterruptedException {
    while (true) {
      long wait = Math.max(untilFree(), ask().isPresent() ? interval.toNanos() : 0);
      if (wait <= 0) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        return;
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(wait, interval.toNanos()));
    }
  }

  /** Counts bytes that went over. */
  public synchronized void moved(long bytes) {
    double nanos = (double) bytes * NANOS_PER_SECOND / bytesPerSecond;
    free = Math.max(free, now()) + (long) nanos;
  }

  /** The most bytes that should go over at once, so that the rate holds in short spans too. */
  public long burst(long wanted) {
    return Math.max(1, Math.min(wanted, bytesPerSecond / 4));
  }

  /** How long signals have asked for a pause until now, all in all. */
  public synchronized Duration rested() {
    return Duration.ofNanos(restedNanos + (pause.isPresent() ? now() - restsSince : 0));
  }

  private synchronized long untilFree() {
    return free - now();
  }

  /** One thread asks, the others go by the last answer. */
  private Optional<String> ask() throws SQLException {
    if (asking.tryLock()) {
      try {
        if (now() - looked >= interval.toNanos()) {
          answered(firstReason());
          looked = now();
        }
      } finally {
        asking.unlock();
      }
    }
    return pause;
  }

  private synchronized void answered(Optional<String> reason) {
    restedNanos = rested().toNanos();
    restsSince = now();
    pause = reason;
  }

  private Optional<String> firstReason() throws SQLException {
    for (Signal signal : signals) {
      Optional<String> reason = signal.reasonToPause();
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  private long now() {
    return ticker.read() - began;
  }
}
