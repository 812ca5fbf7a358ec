package dev.shardwright.router.internal.scatter.result;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.scatter.rows.DriverCursor;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of the answer, put together from those of the shards while they are read. */
public final class MergedParts implements MergedRows {
  private final List<PartRows> parts;
  private final RowMerge<? extends DriverCursor, SQLException> merge;
  private final int columns;
  private final Describer describer;

  /**
   * @param parts what the rows come from; closed with them
   * @param columns how many columns the caller sees
   */
  public MergedParts(
      List<PartRows> parts,
      RowMerge<? extends DriverCursor, SQLException> merge,
      int columns,
      Describer describer) {
    this.parts = parts;
    this.merge = merge;
    this.columns = columns;
    this.describer = describer;
  }

  /** The rows of one shard as the answer. */
  public static MergedParts ofOne(PartRows rows, Describer describer) {
    List<PartRows> parts = List.of(rows);
    RowMerge<PartRows, SQLException> merge =
        new RowMerge<>(parts, KeyOrder.ofRows(List.of()), /* distinct= */ false, RowWindow.WHOLE);
    return new MergedParts(parts, merge, rows.shape().size(), describer);
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
  public boolean isStreamed() {
    return parts.stream().anyMatch(PartRows::isStreamed);
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
