package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The rows on some pages of a table: how many rows move, and where to part them.
 *
 * @param share the part of the table's pages that was looked at
 * @param all the keys of all rows found, in order
 * @param moving the keys of those that move, in order
 */
record TableSample(double share, List<RowKey> all, List<RowKey> moving) {
  private static final int PAGES = 64;
  private static final int FEW = 20;

  private static final String SIZE =
      """
      select coalesce((select sum(pg_relation_size(relid)) from pg_partition_tree(%1$s)
          where isleaf), pg_relation_size(%1$s)) / current_setting('block_size')::int8
      """;

  static TableSample take(Connection connection, MovingTable table, KeyRangeSet ranges)
      throws SQLException {
    long pages = pages(connection, table);
    double percent = pages <= PAGES ? 100 : 100.0 * PAGES / pages;
    List<RowKey> all = new ArrayList<>();
    List<RowKey> moving = new ArrayList<>();
    String query =
        String.format(
            Locale.ROOT,
            "select %s, %s from %s tablesample system (%.6f) order by %s",
            table.keyAsTexts(),
            table.inRanges(ranges),
            table.sql(),
            percent,
            table.keyList());
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        RowKey key = MovingTable.keyOf(rows.getArray(1));
        all.add(key);
        if (rows.getBoolean(2)) {
          moving.add(key);
        }
      }
    }
    return new TableSample(percent / 100, all, moving);
  }

  private static long pages(Connection connection, MovingTable table) throws SQLException {
    String name = SqlText.literal(table.sql()) + "::regclass";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SIZE.formatted(name))) {
      row.next();
      return row.getLong(1);
    }
  }

  /** About how many rows move. */
  long estimatedRows() {
    return Math.round(moving.size() / share);
  }

  /** Lanes that have about the same number of rows that move; one if the table is small. */
  List<Lane> lanes(int wanted) {
    List<RowKey> keys = moving.size() >= FEW ? moving : all;
    boolean small = share == 1 || keys.size() < FEW;
    int count = small ? 1 : wanted;
    List<Lane> lanes = new ArrayList<>();
    Optional<RowKey> after = Optional.empty();
    for (int i = 0; i < count; i++) {
      Optional<RowKey> upTo =
          i + 1 < count ? Optional.of(keys.get(keys.size() * (i + 1) / count)) : Optional.empty();
      lanes.add(Lane.start(i, new KeyWindow(after, upTo)));
      after = upTo;
    }
    return lanes;
  }
}
