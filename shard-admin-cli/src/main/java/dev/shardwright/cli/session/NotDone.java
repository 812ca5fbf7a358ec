package dev.shardwright.cli.session;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

  /** A file that could not be read or written. */
  public static NotDone file(Path file, String what, IOException e) {
    String reason =
        e instanceof NoSuchFileException
            ? "there is no such file"
            : e instanceof AccessDeniedException ? "no permission" : String.valueOf(e.getMessage());
    return new NotDone("%s cannot be %s: %s".formatted(file, what, reason), e);
  }
}
