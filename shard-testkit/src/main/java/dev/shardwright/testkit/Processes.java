package dev.shardwright.testkit;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Child processes: run, signalled, waited for. */
final class Processes {
  private static final Duration POLL = Duration.ofMillis(5);

  /** How long the kernel may take to be rid of a process that was killed. */
  private static final Duration KILLED = Duration.ofSeconds(10);

  /** How long the kernel may take to stop each thread of a process. */
  private static final Duration STOPPED = Duration.ofSeconds(10);

  private static final char GONE = 'X';

  /** States of threads in {@code /proc}: stopped, ended, gone. */
  private static final String NOT_RUNNING = "TtZ" + GONE;

  private Processes() {}

  /**
   * A command that PostgreSQL's programs accept to be started by: they refuse to run as root, and
   * in a user namespace of its own a process of root is nobody in particular.
   */
  static List<String> asOrdinaryUser(List<String> command) {
    if (new UnixSystem().getUid() != 0) {
      return command;
    }
    List<String> wrapped = new ArrayList<>(List.of("unshare", "--user"));
    wrapped.addAll(command);
    return wrapped;
  }

  /**
   * Runs a command to its end.
   *
   * @return all that it wrote
   * @throws IllegalStateException if it fails or does not end in time, with all that it wrote
   */
  static String run(List<String> command, Duration limit) {
    Path output = Directories.temporary("output");
    Path file = output.resolve("output");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(file.toFile())
              .start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException(
              "%s did not end within %s: %s".formatted(command, limit, read(file)));
        }
        if (process.exitValue() != 0) {
          throw new IllegalStateException(
              "%s ended with status %d: %s%s"
                  .formatted(command, process.exitValue(), read(file), remedy(command)));
        }
        return read(file);
      } finally {
        end(process); // nothing writes any more what is deleted next
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    } finally {
      Directories.delete(output);
    }
  }

  /**
   * Kills a process that runs still, and sees it gone, also where the thread is interrupted. What
   * {@code onExit} gives is completed by the common pool, whose threads may all be waiting for who
   * asks.
   */
  private static void end(Process process) {
    process.destroyForcibly();
    boolean interrupted = false;
    long deadline = System.nanoTime() + KILLED.toNanos();
    while (process.isAlive() && System.nanoTime() - deadline < 0) {
      try {
        var unused = process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a signal, by its name without {@code SIG}, to processes; those already gone are fine. */
  static void signal(String name, List<ProcessHandle> processes) {
    List<String> alive =
        processes.stream()
            .filter(ProcessHandle::isAlive)
            .map(process -> Long.toString(process.pid()))
            .toList();
    if (!alive.isEmpty()) {
      // The shell's own "kill": the program of that name is not installed everywhere.
      String kill = "kill -s " + name + " " + String.join(" ", alive) + " 2>/dev/null || true";
      run(List.of("sh", "-c", kill), Duration.ofSeconds(10));
    }
  }

  /** Stops a process where it is, and sees each of its threads stopped. */
  static void stop(ProcessHandle process) {
    signal("STOP", List.of(process));
    if (!await(() -> isStopped(process), STOPPED)) {
      throw new IllegalStateException(
          "process %d did not stop within %s".formatted(process.pid(), STOPPED));
    }
  }

  /** Also if it is gone, or where the system does not tell. */
  private static boolean isStopped(ProcessHandle process) {
    try (Stream<Path> threads =
        Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
      return threads.allMatch(thread -> NOT_RUNNING.indexOf(state(thread)) >= 0);
    } catch (IOException e) {
      return true;
    }
  }

  /** The letter behind the name of the program, which is in brackets and may have some itself. */
  private static char state(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return GONE;
    }
  }

  /** Waits until a condition holds; returns whether it did within the limit. */
  static boolean await(BooleanSupplier condition, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      pause(POLL);
    }
    return true;
  }

  /** Sleeps between two looks at a condition. */
  static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).strip();
  }

  private static String remedy(List<String> command) {
    return command.get(0).equals("unshare")
        ? " (run as an ordinary user, or allow user namespaces, or use the container backend)"
        : "";
  }
}
