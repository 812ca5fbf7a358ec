package dev.shardwright.cli.output;

/** How far something is, as a bar. */
public final class Bar {
  private static final int WIDTH = 24;

  private Bar() {}

  /**
   * A bar and a percentage.
   *
   * @param done how much is done
   * @param total how much there is; 0 if nobody knows
   */
  public static String of(long done, long total) {
    if (total <= 0) {
      return "[" + " ".repeat(WIDTH) + "]   ?%";
    }
    double part = Math.min(1, (double) done / total);
    int full = (int) (WIDTH * part);
    return "[%s%s] %3d%%".formatted("#".repeat(full), " ".repeat(WIDTH - full), (int) (part * 100));
  }
}
