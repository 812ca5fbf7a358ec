package dev.shardwright.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Another JVM with the class path of this one, for what befalls whole processes: it can be killed
 * without warning, and stopped where it is and continued. It is told lines on its standard input,
 * and says lines on its standard output. It is killed by {@link #close}, or when this JVM ends.
 *
 * <p>Thread-safe. A {@code main} that ends with its standard input leaves nobody behind even where
 * this JVM is killed.
 */
public final class ChildJvm implements AutoCloseable {
  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final String TESTKIT_PROPERTIES = "shardwright.test.";

  private final Process process;
  private final Deque<String> said = new ArrayDeque<>();
  private final Runnable cleanup = this::kill;
  private boolean silent;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /** Starts one that runs the {@code main} of a class. */
  public static ChildJvm start(Class<?> main, String... arguments) {
    return start(List.of(), main, arguments);
  }

  /**
   * Starts one that runs the {@code main} of a class. What it writes to its standard error appears
   * on ours.
   *
   * @param options of the JVM itself, such as {@code -Xmx64m}; system properties of the testkit are
   *     passed on
   */
  public static ChildJvm start(List<String> options, Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
    System.getProperties()
        .forEach(
            (name, value) -> {
              if (name.toString().startsWith(TESTKIT_PROPERTIES)) {
                command.add("-D" + name + "=" + value);
              }
            });
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(Arrays.asList(arguments));
    try {
      ChildJvm jvm =
          new ChildJvm(
              new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
      Cleanup.add(jvm.cleanup);
      jvm.listen();
      return jvm;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a JVM for " + main, e);
    }
  }

  /** Whether it has not ended; a frozen one has not. */
  public boolean running() {
    return process.isAlive();
  }

  /** Sends it a line. */
  public void tell(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the JVM does not hear '" + line + "' any more", e);
    }
  }

  /**
   * The next line that it says, once it does.
   *
   * @throws IllegalStateException if it says nothing in time, or nothing more
   */
  public String hear(Duration patience) {
    String line = next(patience);
    if (line == null) {
      throw new IllegalStateException(
          "%s said nothing within %s".formatted(running() ? "the JVM" : "the ended JVM", patience));
    }
    return line;
  }

  private synchronized @Nullable String next(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toMillis();
          said.isEmpty() && !silent && left > 0;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while listening to a JVM", e);
    }
    return said.poll();
  }

  /** Stops it where it is (SIGSTOP): its connections stay open, and it does nothing more. */
  public void freeze() {
    Processes.stop(process.toHandle());
  }

  /** Lets it go on where it was (SIGCONT). */
  public void thaw() {
    Processes.signal("CONT", List.of(process.toHandle()));
  }

  /** Ends it without warning (SIGKILL), also while it is frozen. Safe to call again. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /**
   * Waits for its end.
   *
   * @return its exit value
   * @throws IllegalStateException if it does not end in time
   */
  public int awaitEnd() {
    if (!Processes.await(() -> !process.isAlive(), END_LIMIT)) {
      throw new IllegalStateException("the JVM did not end within " + END_LIMIT);
    }
    return process.exitValue();
  }

  /** Kills it, if it runs. Safe to call again. */
  @Override
  public void close() {
    kill();
    Cleanup.done(cleanup);
  }

  private void listen() {
    Thread listener = new Thread(this::readLines, "shardwright-testkit-child-" + process.pid());
    listener.setDaemon(true);
    listener.start();
  }

  private void readLines() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (this) {
          said.add(line);
          notifyAll();
        }
      }
    } catch (IOException e) {
      // It was killed in the middle of a line: an ordinary end here.
    } finally {
      synchronized (this) {
        silent = true;
        notifyAll();
      }
    }
  }
}
