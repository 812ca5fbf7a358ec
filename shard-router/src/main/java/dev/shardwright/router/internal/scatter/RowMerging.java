package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.sql.MergeRows;
import dev.shardwright.router.internal.sql.SortKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts the rows of the shards together, if their types allow it. Pure but for reading the rows. */
final class RowMerging {
  private final MergeRows answer;
  private final ByteOrder byteOrder;

  RowMerging(MergeRows answer, ByteOrder byteOrder) {
    this.answer = answer;
    this.byteOrder = byteOrder;
  }

  /**
   * The rows in their order.
   *
   * @param parts at least one, all of the same shape, none read yet
   * @return empty if Java cannot order the values as PostgreSQL does
   */
  Optional<RowMerge<PartRows, SQLException>> merge(List<PartRows> parts, RowWindow window)
      throws SQLException {
    RowShape shape = parts.get(0).shape();
    List<KeyColumn> columns = new ArrayList<>();
    List<KeyOrder> orders = new ArrayList<>();
    for (SortKey key : answer.order()) {
      int column = shape.column(key.column());
      int type = shape.type(column);
      Optional<KeyColumn> readable = KeyColumn.of(column, type);
      if (readable.isEmpty() || (KeyColumn.isText(type) && !isByBytes(key, parts))) {
        return Optional.empty();
      }
      columns.add(readable.get());
      orders.add(new KeyOrder(readable.get().order(), key.descending(), key.nullsFirst()));
    }
    parts.forEach(part -> part.orderBy(columns));
    return Optional.of(new RowMerge<>(parts, KeyOrder.ofRows(orders), answer.distinct(), window));
  }

  /** Whether every shard that gives rows orders the key by its bytes. */
  private boolean isByBytes(SortKey key, List<PartRows> parts) throws SQLException {
    if (key.collation().isEmpty()) {
      return false;
    }
    int column = parts.get(0).shape().column(key.collation().getAsInt());
    for (PartRows part : parts) {
      if (part.peek() && !byteOrder.isBy(part.rows().getString(column), part.shard())) {
        return false;
      }
    }
    return true;
  }
}
