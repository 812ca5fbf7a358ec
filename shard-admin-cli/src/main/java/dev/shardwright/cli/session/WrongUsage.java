package dev.shardwright.cli.session;

/** The command line, or the configuration, cannot be what was meant. */
public final class WrongUsage extends RuntimeException {
  /** With a message for people. */
  public WrongUsage(String message) {
    super(message);
  }
}
