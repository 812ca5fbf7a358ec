package dev.shardwright.cli.output;

import java.time.Duration;
import java.util.Locale;

/** Amounts of data and of time, as people read them. */
public final class Units {
  private Units() {}

  /** Three digits and a decimal unit, as in {@code 318.9 MB}. */
  public static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 999.95 && unit < 4) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", value, "kMGTP".charAt(unit));
  }

  /**
   * The two largest units that matter, as in {@code 3 min 12 s}, {@code 1.4 s} or {@code 4.1 ms}.
   */
  public static String time(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 1) {
      return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
    }
    if (seconds < 10) {
      long tenths = time.toMillis() / 100;
      return String.format(Locale.ROOT, "%d.%d s", tenths / 10, tenths % 10);
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3_600
        ? seconds / 60 + " min " + seconds % 60 + " s"
        : seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
  }
}
