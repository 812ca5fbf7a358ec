package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Bar;
import dev.shardwright.cli.output.Printable;
import dev.shardwright.cli.output.Units;
import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.ring.RangeTransfer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shows how far migrations are: on a terminal as bars that are drawn over again, elsewhere as a
 * line for each change. Not thread-safe.
 */
final class ProgressView {
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";

  /** A line that wraps would be two, of which the way up knows one. */
  private static final String NO_WRAPPING = "\u001b[?7l";

  private static final String WRAPPING = "\u001b[?7h";

  private static final Set<String> NOT_ALL_COPIED =
      Set.of("PLANNED", "REGISTERING", "PREPARING", "INSTALLING", "COPYING", "ABORTING", "ABORTED");

  private final PrintStream err;
  private final boolean terminal;
  private final Map<Integer, String> told = new HashMap<>();
  private int drawn;

  ProgressView(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  void show(List<MigrationStatus> migrations) {
    if (terminal) {
      draw(migrations);
    } else {
      migrations.forEach(this::tell);
    }
    err.flush();
  }

  /** Something else was said: what was drawn stays above it, and is drawn anew below. */
  void beginAnew() {
    drawn = 0;
  }

  private void draw(List<MigrationStatus> migrations) {
    List<String> lines = new ArrayList<>();
    migrations.forEach(migration -> lines.add(line(migration)));
    if (drawn > 0) {
      err.print("\u001b[" + drawn + "F"); // up by so many lines, to the first column
    }
    err.print(NO_WRAPPING);
    lines.forEach(line -> err.println(line + CLEAR_LINE));
    err.print(CLEAR_BELOW + WRAPPING);
    drawn = lines.size();
  }

  /** A new state or a new note is a change; numbers alone are not, they would fill a log. */
  private void tell(MigrationStatus migration) {
    String now = migration.state() + migration.rollingBack() + migration.note();
    if (!now.equals(told.put(migration.number(), now))) {
      err.println(line(migration));
    }
  }

  static String line(MigrationStatus migration) {
    StringBuilder line = new StringBuilder();
    line.append(
        "%3d %s: %s %s %-12s"
            .formatted(
                migration.number(),
                migration.keyspace(),
                way(migration.transfer(), migration.rollingBack()),
                bar(migration),
                migration.state()));
    line.append(" %,d rows".formatted(migration.rows()));
    if (migration.progress().bytesPerSecond() > 0 && !migration.isOver()) {
      line.append(", ").append(Units.bytes(migration.progress().bytesPerSecond())).append("/s");
    }
    migration
        .timeLeft()
        .ifPresent(left -> line.append(", ").append(Units.time(left)).append(" left"));
    migration
        .lastPause()
        .ifPresent(pause -> line.append(", paused ").append(Units.time(pause.total())));
    if (!migration.note().isEmpty()) {
      line.append(": ").append(Printable.line(migration.note()));
    }
    return line.toString();
  }

  /** From where the ranges go to where. */
  private static String way(RangeTransfer transfer, boolean back) {
    return back
        ? transfer.target() + " -> " + transfer.source() + " (back)"
        : transfer.source() + " -> " + transfer.target();
  }

  /** The number of rows was estimated: it is whole when the state says so, not before. */
  private static String bar(MigrationStatus migration) {
    return NOT_ALL_COPIED.contains(migration.state())
        ? Bar.of(
            Math.min(100 * migration.rows(), 99 * migration.estimatedRows()),
            100 * migration.estimatedRows())
        : Bar.of(1, 1);
  }
}
