package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.merge.RowMerge;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of the answer, put together from those of the shards while they are read. */
final class MergedParts implements MergedRows {
  private final List<PartRows> parts;
  private final RowMerge<? extends DriverCursor, SQLException> merge;
  private final int columns;
  private final Describer describer;

  /**
   * @param parts what the rows come from; closed with them
   * @param columns how many columns the caller sees
   */
  MergedParts(
      List<PartRows> parts,
      RowMerge<? extends DriverCursor, SQLException> merge,
      int columns,
      Describer describer) {
    this.parts = parts;
    this.merge = merge;
    this.columns = columns;
    this.describer = describer;
  }

  @Override
  public @Nullable ResultSet next() throws SQLException {
    DriverCursor row = merge.next();
    return row == null ? null : row.rows();
  }

  @Override
  public ResultSet model() {
    return parts.get(0).rows();
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public <T> T describe(Description<T> reader) throws SQLException {
    return describer.describe(reader);
  }

  @Override
  public void close() {
    parts.forEach(PartRows::close);
  }
}
