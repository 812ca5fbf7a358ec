package dev.shardwright.cli.session;

/** What the program's end says to scripts. */
public final class ExitCode {
  /** The command did what it was asked to. */
  public static final int DONE = 0;

  /** It was refused, or failed. */
  public static final int NOT_DONE = 1;

  /** The command line or the configuration is wrong. */
  public static final int USAGE = 2;

  /** It was interrupted. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
