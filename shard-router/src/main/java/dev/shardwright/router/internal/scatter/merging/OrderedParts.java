package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.merge.KeyOrder;
import dev.shardwright.router.internal.scatter.rows.ByteOrder;
import dev.shardwright.router.internal.scatter.rows.KeyColumn;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.router.internal.sql.answer.SortKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rows of the shards whose order Java knows.
 *
 * @param parts at least one, none read yet; each row is read along with its keys
 * @param order the order of the keys
 * @param isWithoutText whether no key is text
 */
record OrderedParts(List<PartRows> parts, List<KeyOrder> order, boolean isWithoutText) {
  /**
   * Finds out how to read and compare the keys.
   *
   * @param parts at least one, all of the same shape, none read yet
   * @return empty if Java cannot order the values as PostgreSQL does
   */
  static Optional<OrderedParts> of(List<PartRows> parts, List<SortKey> keys, ByteOrder byteOrder)
      throws SQLException {
    RowShape shape = parts.get(0).shape();
    List<KeyColumn> columns = new ArrayList<>();
    List<KeyOrder> order = new ArrayList<>();
    for (SortKey key : keys) {
      Optional<KeyColumn> column = KeyColumn.of(key, shape);
      if (column.isEmpty() || !hasKnownOrder(column.get(), key, parts, byteOrder)) {
        return Optional.empty();
      }
      columns.add(column.get());
      order.add(column.get().directed(key));
    }
    parts.forEach(part -> part.orderBy(columns));
    return Optional.of(
        new OrderedParts(parts, order, columns.stream().noneMatch(KeyColumn::isText)));
  }

  /** Whether every shard that gives rows orders the key, if it is text, by its bytes. */
  static boolean hasKnownOrder(
      KeyColumn column, SortKey key, List<PartRows> parts, ByteOrder byteOrder)
      throws SQLException {
    if (!column.isText()) {
      return true;
    }
    if (key.collation().isEmpty()) {
      return false;
    }
    int collation = parts.get(0).shape().column(key.collation().getAsInt());
    for (PartRows part : parts) {
      if (part.peek() && !byteOrder.isBy(part.rows().getString(collation), part.shard())) {
        return false;
      }
    }
    return true;
  }
}
