package dev.shardwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Directories that are made once and then used by all JVMs of this user. A directory appears under
 * its name only when it is complete, so that a JVM that dies on the way harms nobody; a file lock
 * lets one JVM do the work while the others wait. Thread-safe.
 */
final class Cache {
  /** Where the cache is; default {@code ~/.cache/shardwright-testkit}. */
  static final String DIRECTORY_PROPERTY = "shardwright.test.cache";

  private Cache() {}

  /** Fills a new directory. */
  interface Filling {
    void fill(Path directory) throws IOException;
  }

  /** The directory of that name, made by {@code filling} if it is not there yet. */
  static Path get(String name, Filling filling) {
    return get(root(), name, filling);
  }

  static synchronized Path get(Path root, String name, Filling filling) {
    Path wanted = root.resolve(name);
    if (Files.isDirectory(wanted)) {
      return wanted;
    }
    try {
      Files.createDirectories(root);
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !Files.isDirectory(wanted)) {
          make(wanted, filling);
        }
      }
      return wanted;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot make %s; set -D%s to a directory with room".formatted(wanted, DIRECTORY_PROPERTY),
          e);
    }
  }

  private static void make(Path wanted, Filling filling) throws IOException {
    Path parent = wanted.resolveSibling(wanted.getFileName() + ".making");
    if (Files.exists(parent)) {
      Directories.delete(parent); // of a JVM that died: the lock is ours, so nobody works there
    }
    Files.createDirectories(parent);
    Path made = parent.resolve("directory");
    Files.createDirectory(made);
    filling.fill(made);
    Files.move(made, wanted, StandardCopyOption.ATOMIC_MOVE);
    Directories.delete(parent);
  }

  private static Path root() {
    String chosen = System.getProperty(DIRECTORY_PROPERTY, "");
    return chosen.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "shardwright-testkit")
        : Path.of(chosen);
  }
}
