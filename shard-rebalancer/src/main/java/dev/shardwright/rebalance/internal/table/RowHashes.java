package dev.shardwright.rebalance.internal.table;

import com.google.common.collect.Sets;
import dev.shardwright.ring.KeyRangeSet;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Tells whether rows are the same on two servers without sending them: by a hash of each. Every
 * question is about rows within the ranges that move.
 *
 * @param table whose rows
 * @param ranges those that move
 */
public record RowHashes(MovingTable table, KeyRangeSet ranges) {

  /**
   * Some rows in brief: equal for equal rows.
   *
   * @param rows how many
   * @param hash the sum of their hashes
   * @param bytes about how many, which differs where they are stored in another way
   */
  public record Summary(long rows, BigDecimal hash, long bytes) {
    /** Whether both stand for the same rows. */
    public boolean sameRows(Summary other) {
      return rows == other.rows && hash.compareTo(other.hash) == 0;
    }
  }

  /** The rows of a window in brief. */
  public Summary summary(Connection connection, RowOrder order, KeyWindow window)
      throws SQLException {
    return summary(connection, order.inWindow(window));
  }

  /** The rows of these keys in brief. */
  public Summary summary(Connection connection, Collection<RowKey> keys) throws SQLException {
    return summary(connection, hasKey(keys));
  }

  /** The hash of each row of a window by its key. */
  public Map<RowKey, Long> list(Connection connection, RowOrder order, KeyWindow window)
      throws SQLException {
    return list(connection, order.inWindow(window));
  }

  /** The hash of each row of these keys by its key; a key without row is left out. */
  public Map<RowKey, Long> list(Connection connection, Collection<RowKey> keys)
      throws SQLException {
    return list(connection, hasKey(keys));
  }

  /** The keys whose rows differ, or are only on one side. */
  public static Set<RowKey> differing(Map<RowKey, Long> one, Map<RowKey, Long> other) {
    Set<RowKey> differing = new HashSet<>(Sets.union(one.keySet(), other.keySet()));
    differing.removeIf(key -> Objects.equals(one.get(key), other.get(key)));
    return differing;
  }

  private String hasKey(Collection<RowKey> keys) {
    return table.hasKey(keys) + " and " + table.inRanges(ranges);
  }

  private Summary summary(Connection connection, String condition) throws SQLException {
    String query =
        "select count(*), coalesce(sum(%s), 0), coalesce(sum(%s), 0) from %s where %s"
            .formatted(table.rowHash(), table.rowBytes(), table.sql(), condition);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return new Summary(row.getLong(1), row.getBigDecimal(2), row.getLong(3));
    }
  }

  private Map<RowKey, Long> list(Connection connection, String condition) throws SQLException {
    String query =
        "select %s, %s from %s where %s"
            .formatted(table.keyAsTexts(), table.rowHash(), table.sql(), condition);
    Map<RowKey, Long> hashes = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        hashes.put(MovingTable.keyOf(rows.getArray(1)), rows.getLong(2));
      }
    }
    return hashes;
  }
}
