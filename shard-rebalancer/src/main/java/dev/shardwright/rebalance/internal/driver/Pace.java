package dev.shardwright.rebalance.internal.driver;

import com.google.common.collect.Comparators;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long the loop of a migration pauses after a turn. Sleeps nowhere. Not thread-safe. */
final class Pace {
  /** Where nothing is to be done but to look again. */
  static final Duration REST = Duration.ofMillis(500);

  private static final Duration MOMENT = Duration.ofMillis(50);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(15);
  private static final int DOUBLINGS = 10;

  private final RandomGenerator random;
  private int failures;
  private Duration moment = MOMENT;

  Pace(RandomGenerator random) {
    this.random = random;
  }

  /** A turn went well: the next failure is the first one again. */
  void wentWell() {
    failures = 0;
  }

  /** The work of a state is complete: the next begins briskly. */
  void completed() {
    moment = MOMENT;
  }

  /** Longer and longer, so that many who fail together do not try again together. */
  Duration afterFailure() {
    failures++;
    long millis = MOMENT.toMillis() << Math.min(failures, DOUBLINGS);
    long bounded = Math.min(millis, LONGEST_BACKOFF.toMillis());
    return Duration.ofMillis(random.nextLong(bounded / 2, bounded + 1));
  }

  /** So that attempts do not keep step with what is in their way. */
  Duration afterAttempt() {
    return Duration.ofMillis(random.nextLong(MOMENT.toMillis(), 4 * MOMENT.toMillis()));
  }

  /**
   * Before the work goes on.
   *
   * @param others whether it is others who have to do something first: longer and longer then
   */
  Duration beforeMore(boolean others) {
    moment = others ? Comparators.min(REST, moment.multipliedBy(2)) : MOMENT;
    return moment;
  }
}
