package dev.shardwright.rebalance.internal.driver;

import com.google.common.base.Ticker;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import java.time.Duration;
import java.util.Optional;

/**
 * How often the ranges did not change hands since the state began, for whom that waited, and
 * whether to catch up at leisure instead. Not thread-safe.
 */
final class Attempts {
  /** What is in the way for longer than so many, a few seconds, is not gone by the next. */
  private static final int MOST = 20;

  /** Each attempt lets work wait: a service that has none to spare gets some rest from them. */
  private static final Duration LEISURE = Duration.ofSeconds(30);

  private final Ticker ticker;
  private int failed;
  private Optional<String> waitedFor = Optional.empty();

  /** When so many had failed that it catches up instead; empty if it goes on as it may. */
  private Optional<Long> gaveUp = Optional.empty();

  Attempts(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Another state begins, which has all attempts. */
  void entered(MigrationState state) {
    boolean instead = !areLeft() && state == MigrationState.CATCHING_UP;
    gaveUp = instead ? Optional.of(ticker.read()) : Optional.empty();
    failed = 0;
    waitedFor = Optional.empty();
  }

  /**
   * One more was in vain.
   *
   * @param others for whom it waited, for people; empty if that is not known
   */
  void failed(Optional<String> others) {
    failed++;
    waitedFor = others.or(() -> waitedFor);
  }

  boolean areLeft() {
    return failed < MOST;
  }

  /** For whom they waited, the last one of which that is known. */
  Optional<String> waitedFor() {
    return waitedFor;
  }

  /** Whether it is too early for the next ones. */
  boolean isAtLeisure() {
    return gaveUp.isPresent() && ticker.read() - gaveUp.get() <= LEISURE.toNanos();
  }
}
