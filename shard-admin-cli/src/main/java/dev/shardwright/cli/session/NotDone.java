package dev.shardwright.cli.session;

import org.jspecify.annotations.Nullable;

/** A command was refused or failed; the message says what is in the way, and the remedy. */
public final class NotDone extends RuntimeException {
  /** With a message for people. */
  public NotDone(String message) {
    this(message, null);
  }

  /** With what led to it. */
  public NotDone(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
