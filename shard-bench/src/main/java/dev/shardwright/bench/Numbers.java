package dev.shardwright.bench;

/** The arguments of a benchmark, all of them numbers that may be left out from the last one on. */
public final class Numbers {
  private static final int WRONG_USAGE = 2;

  private Numbers() {}

  /**
   * The numbers, with defaults for what is left out. Says what is wrong and ends the program if
   * there are more, or one is not a number from 1 on.
   */
  public static long[] of(String[] arguments, long... defaults) {
    long[] numbers = defaults.clone();
    if (arguments.length > defaults.length) {
      end("at most %d arguments, not %d".formatted(defaults.length, arguments.length));
    }
    for (int i = 0; i < arguments.length; i++) {
      if (!arguments[i].matches("[1-9][0-9]{0,17}")) {
        end("'%s' is not a number from 1 on".formatted(arguments[i]));
      }
      numbers[i] = Long.parseLong(arguments[i]);
    }
    return numbers;
  }

  private static void end(String message) {
    System.err.println("bench: " + message);
    System.exit(WRONG_USAGE);
  }
}
