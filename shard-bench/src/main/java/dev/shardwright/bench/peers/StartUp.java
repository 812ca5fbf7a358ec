package dev.shardwright.bench.peers;

import com.google.common.base.Splitter;
import dev.shardwright.bench.Figures;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How long a fresh JVM takes until it has set one contender up and has read a row, until the
 * process is gone.
 *
 * @param name as shown in the table
 * @param main prints the row
 * @param arguments of it
 */
record StartUp(String name, Libraries libraries, Class<?> main, List<String> arguments) {
  private static final Path STATISTICS = Path.of("/proc/self/stat");

  /** In which the kernel counts, on Linux. */
  private static final double SECONDS_PER_TICK = 0.01;

  private static final long LIMIT_SECONDS = 120;

  private record Taken(double seconds, double cpuSeconds) {}

  /** Lets all take turns, and prints a table. */
  static void compare(
      List<StartUp> contenders, String password, String row, int rounds, PrintStream out)
      throws Exception {
    List<List<Taken>> taken = new ArrayList<>();
    contenders.forEach(contender -> taken.add(new ArrayList<>()));
    // The first round brings files into the kernel's cache.
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < contenders.size(); i++) {
        Taken once = contenders.get(i).take(password, row);
        if (round >= 0) {
          taken.get(i).add(once);
        }
      }
    }
    out.printf(
        "%n**From the start of a JVM to its first row, process ended: %d rounds, interleaved**%n%n",
        rounds);
    out.println("| | least s | median s | CPU least s | CPU median s | jars | MB |");
    out.println("|---|---|---|---|---|---|---|");
    for (int i = 0; i < contenders.size(); i++) {
      Figures seconds = Figures.of(taken.get(i).stream().mapToDouble(Taken::seconds).toArray());
      Figures cpu = Figures.of(taken.get(i).stream().mapToDouble(Taken::cpuSeconds).toArray());
      Libraries libraries = contenders.get(i).libraries;
      out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.2f | %.2f | %.2f | %d | %.1f |%n",
          contenders.get(i).name,
          seconds.least(),
          seconds.median(),
          cpu.least(),
          cpu.median(),
          libraries.jars().size(),
          libraries.bytes() / 1e6);
    }
  }

  private Taken take(String password, String row) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                libraries.classPath(),
                main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put(FirstRow.PASSWORD, password);
    Path output = Files.createTempFile("first-row", ".out");
    Path errors = Files.createTempFile("first-row", ".log");
    try {
      builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
      double cpuBefore = cpuSecondsOfChildren();
      long start = System.nanoTime();
      Process process = builder.start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            "%s had read no row after %d s: %s"
                .formatted(name, LIMIT_SECONDS, Files.readString(errors)));
      }
      String said = Files.readString(output);
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      if (!said.strip().endsWith(row)) {
        throw new IOException(
            "%s said '%s' instead of '%s': %s"
                .formatted(name, said.strip(), row, Files.readString(errors)));
      }
      return new Taken(seconds, cpuSecondsOfChildren() - cpuBefore);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }

  /** Of those that have ended and were waited for. */
  private static double cpuSecondsOfChildren() throws IOException {
    String text = Files.readString(STATISTICS);
    // The name of the program, in parentheses, may have spaces; the state comes after it.
    List<String> fields = Splitter.on(' ').splitToList(text.substring(text.lastIndexOf(')') + 2));
    int inChildren = 13;
    return (Long.parseLong(fields.get(inChildren)) + Long.parseLong(fields.get(inChildren + 1)))
        * SECONDS_PER_TICK;
  }
}
