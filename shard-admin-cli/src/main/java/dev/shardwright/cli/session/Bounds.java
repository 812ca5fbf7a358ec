package dev.shardwright.cli.session;

import dev.shardwright.cli.output.Units;
import java.time.Duration;

/** What the values of options must be within. */
public final class Bounds {
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofDays(1);

  private Bounds() {}

  /**
   * Refuses a time that is not from a second to a day.
   *
   * @throws WrongUsage if it is not
   */
  public static void check(String option, Duration time) {
    if (time.compareTo(LEAST) < 0 || time.compareTo(MOST) > 0) {
      throw new WrongUsage(
          "%s takes a time from 1s to 1d, not %s".formatted(option, Units.time(time)));
    }
  }

  /**
   * Refuses a number that is not within these, both of which are.
   *
   * @throws WrongUsage if it is not
   */
  public static void check(String option, int number, int least, int most) {
    if (number < least || number > most) {
      throw new WrongUsage(
          "%s takes a number from %d to %d, not %d".formatted(option, least, most, number));
    }
  }
}
