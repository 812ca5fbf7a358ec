package dev.shardwright.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * A JVM that wants a cached directory, and leaves a line in the file {@code makers} if it made it.
 */
final class CacheFiller {
  private CacheFiller() {}

  public static void main(String[] arguments) {
    Path root = Path.of(arguments[0]);
    Cache.get(
        root,
        "thing",
        directory -> {
          Files.writeString(
              root.resolve("makers"),
              ProcessHandle.current().pid() + System.lineSeparator(),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
          Processes.pause(Duration.ofMillis(300)); // the others shall meet it at work
          Files.writeString(directory.resolve("f"), "1");
        });
  }
}
