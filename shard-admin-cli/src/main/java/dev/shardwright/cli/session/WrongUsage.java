package dev.shardwright.cli.session;

import java.util.function.Supplier;

/** The command line, or the configuration, cannot be what was meant. */
public final class WrongUsage extends RuntimeException {
  /** With a message for people. */
  public WrongUsage(String message) {
    super(message);
  }

  /**
   * A value that a user gave.
   *
   * @throws WrongUsage if it refuses to be built
   */
  public static <T> T ifRefused(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new WrongUsage(String.valueOf(e.getMessage()));
    }
  }
}
