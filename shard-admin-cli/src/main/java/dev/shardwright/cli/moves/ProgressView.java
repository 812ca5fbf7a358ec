package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Bar;
import dev.shardwright.cli.output.Printable;
import dev.shardwright.cli.output.Units;
import dev.shardwright.rebalance.MigrationStatus;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows how far migrations are: on a terminal as bars that are drawn over again, elsewhere as a
 * line for each change. Not thread-safe.
 */
final class ProgressView {
  private static final String CLEAR_LINE = "\u001b[K";

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

  private void draw(List<MigrationStatus> migrations) {
    List<String> lines = new ArrayList<>();
    migrations.forEach(migration -> lines.add(line(migration)));
    if (drawn > 0) {
      err.print("\u001b[" + drawn + "F"); // up by so many lines, to the first column
    }
    lines.forEach(line -> err.println(line + CLEAR_LINE));
    drawn = lines.size();
  }

  /** A new state or a new note is a change; numbers alone are not, they would fill a log. */
  private void tell(MigrationStatus migration) {
    String now = migration.state() + migration.note();
    if (!now.equals(told.put(migration.number(), now))) {
      err.println(line(migration));
    }
  }

  static String line(MigrationStatus migration) {
    StringBuilder line = new StringBuilder();
    line.append(
        "%3d %s: %s -> %s %s %-12s"
            .formatted(
                migration.number(),
                migration.keyspace(),
                migration.transfer().source(),
                migration.transfer().target(),
                Bar.of(done(migration), total(migration)),
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

  /** What has changed hands is done, however many rows there were. */
  private static long done(MigrationStatus migration) {
    return migration.hasMoved() ? 1 : migration.rows();
  }

  private static long total(MigrationStatus migration) {
    return migration.hasMoved() ? 1 : Math.max(migration.rows(), migration.estimatedRows());
  }
}
