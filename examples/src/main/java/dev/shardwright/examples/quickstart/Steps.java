package dev.shardwright.examples.quickstart;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Prints what a demo has done, each line with the time since it began. */
final class Steps {
  private final PrintStream out;
  private final long start = System.nanoTime();

  Steps(PrintStream out) {
    this.out = out;
  }

  void done(String what) {
    double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    out.println(String.format(Locale.ROOT, "%6.1f s  %s", seconds, what));
  }
}
