package dev.shardwright.cli.data;

import dev.shardwright.cli.output.Bar;
import dev.shardwright.cli.session.Session;
import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deals the rows of a file out to a lane for each shard. Used once, by one thread. */
final class Load {
  private static final int ROWS_PER_LOOK = 1_000;
  private static final int BYTES_PER_LINE = 10_000_000;

  private final Session session;
  private final CsvFile csv;
  private final LoadTarget target;
  private final ChunkWriter writer;
  private final Rejects rejects;
  private final boolean numbersLines;
  private final Map<ShardId, ShardLane> lanes = new HashMap<>();
  private long shown = -1;

  Load(
      Session session,
      CsvFile csv,
      LoadTarget target,
      ChunkWriter writer,
      Rejects rejects,
      boolean numbersLines) {
    this.session = session;
    this.csv = csv;
    this.target = target;
    this.writer = writer;
    this.rejects = rejects;
    this.numbersLines = numbersLines;
  }

  /**
   * What was handed to a shard is written or rejected when this returns, and left when it throws.
   */
  void run() throws Exception {
    try {
      long rows = 0;
      for (Optional<CsvRow> row = csv.next(); row.isPresent(); row = csv.next()) {
        deal(numbered(row.get()));
        if (++rows % ROWS_PER_LOOK == 0) {
          show();
        }
      }
      for (ShardLane lane : lanes.values()) {
        lane.finish();
      }
      show();
    } finally {
      for (ShardLane lane : lanes.values()) {
        lane.stop();
      }
    }
  }

  private CsvRow numbered(CsvRow row) {
    if (!numbersLines) {
      return row;
    }
    List<@Nullable String> fields = new ArrayList<>(row.fields());
    fields.add(Long.toString(row.line()));
    return new CsvRow(row.line(), fields);
  }

  private void deal(CsvRow row) throws Exception {
    if (row.fields().size() != target.columns().size()) {
      rejects.add(
          row,
          "%d fields where %d columns are named"
              .formatted(row.fields().size(), target.columns().size()));
      return;
    }
    ShardId owner;
    try {
      owner = target.ownerOf(row);
    } catch (IllegalArgumentException e) {
      rejects.add(row, String.valueOf(e.getMessage()));
      return;
    }
    lanes.computeIfAbsent(owner, shard -> new ShardLane(shard, writer::write)).add(row);
  }

  /**
   * On a terminal a bar that is drawn over again, elsewhere a line for each tenth; of a pipe, whose
   * size nobody knows, one for so many bytes.
   */
  private void show() {
    long tenth = csv.size() == 0 ? BYTES_PER_LINE : Math.max(1, csv.size() / 10);
    long step = session.isTerminal() ? csv.bytesRead() : csv.bytesRead() / tenth;
    if (step == shown) {
      return;
    }
    shown = step;
    String line = "%s %,d rows in".formatted(Bar.of(csv.bytesRead(), csv.size()), writer.loaded());
    if (session.isTerminal()) {
      session.err().print("\r" + line + (csv.bytesRead() >= csv.size() ? "\n" : ""));
      session.err().flush();
    } else {
      session.tell(line);
    }
  }
}
