package dev.shardwright.router.internal.scatter.fanout;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the rows of one query that are held or copied, and refuses too many. Thread-safe. */
public final class Limits {
  private final int maxRows;
  private final long maxBytes;
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  public Limits(int maxRows, long maxBytes) {
    this.maxRows = maxRows;
    this.maxBytes = maxBytes;
  }

  /**
   * Counts a row.
   *
   * @throws SqlRefused if it is one too many
   */
  public void add(@Nullable String[] row) {
    long size = 0;
    for (String value : row) {
      size += value == null ? 0 : value.length();
    }
    if (rows.incrementAndGet() > maxRows) {
      throw tooMany(maxRows + " rows");
    }
    if (bytes.addAndGet(size) > maxBytes) {
      throw tooMany(maxBytes + " bytes");
    }
  }

  /**
   * Counts rows whose size is not known.
   *
   * @throws SqlRefused if they are too many
   */
  public void addRows(int more) {
    if (rows.addAndGet(more) > maxRows) {
      throw tooMany(maxRows + " rows");
    }
  }

  private static SqlRefused tooMany(String limit) {
    return new SqlRefused(
        SqlRefused.Reason.TOO_MANY_ROWS,
        ("the answer has to be worked out from more than %s of other shards: narrow the query by a"
                + " condition, name its key, or raise the limit (ScatterOptions.withLimits)")
            .formatted(limit));
  }
}
