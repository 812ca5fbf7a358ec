package dev.shardwright.router.internal.scatter.result;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** No more than so many of the rows of an answer. */
public final class FirstRows implements MergedRows {
  private final MergedRows rows;
  private final long most;
  private long taken;

  public FirstRows(MergedRows rows, long most) {
    this.rows = rows;
    this.most = most;
  }

  @Override
  public @Nullable ResultSet next() throws SQLException {
    if (taken == most) {
      return null;
    }
    taken++;
    return rows.next();
  }

  @Override
  public ResultSet model() {
    return rows.model();
  }

  @Override
  public int columns() {
    return rows.columns();
  }

  @Override
  public boolean isStreamed() {
    return rows.isStreamed();
  }

  @Override
  public <T> T describe(Description<T> reader) throws SQLException {
    return rows.describe(reader);
  }

  @Override
  public void close() {
    rows.close();
  }
}
