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

  /** So many rows tell that they are too many. */
  public long oneTooMany() {
    return maxRows + 1L;
  }

  /**
   * Looks at how many rows an answer has that has to be held whole.
   *
   * @throws SqlRefused if they are too many
   */
  public void checkHeld(int answer) {
    if (answer > maxRows) {
      throw tooMany("the answer has to be held in memory, and has", maxRows + " rows");
    }
  }

  private static SqlRefused tooMany(String limit) {
    return tooMany("the answer has to be worked out from", limit + " of other shards");
  }

  private static SqlRefused tooMany(String what, String limit) {
    return new SqlRefused(
        SqlRefused.Reason.TOO_MANY_ROWS,
        ("%s more than %s: narrow the query by a condition, name its key, or raise the limit"
                + " (ScatterOptions.withLimits)")
            .formatted(what, limit));
  }
}
