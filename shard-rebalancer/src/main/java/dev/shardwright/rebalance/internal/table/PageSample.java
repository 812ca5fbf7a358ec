package dev.shardwright.rebalance.internal.table;

import dev.shardwright.internal.schema.SqlText;
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
 * @param order of the rows
 * @param ranges those that move
 * @param share the part of the table's pages that was looked at
 * @param all the places of all rows found, in order
 * @param moving the places of those that move, in order
 */
public record PageSample(
    RowOrder order, KeyRangeSet ranges, double share, List<RowKey> all, List<RowKey> moving) {
  private static final int PAGES = 64;
  private static final int FEW = 20;

  /** A row that is looked up costs about as much as so many that are read one after the other. */
  private static final int FEW_OF_ALL = 16;

  private static final String SIZE =
      """
      select coalesce((select sum(pg_relation_size(relid)) from pg_partition_tree(%1$s)
          where isleaf), pg_relation_size(%1$s)) / current_setting('block_size')::int8
      """;

  /** Looks at some pages. */
  public static PageSample take(Connection connection, RowOrder order, KeyRangeSet ranges)
      throws SQLException {
    MovingTable table = order.table();
    long pages = pages(connection, table);
    double percent = pages <= PAGES ? 100 : 100.0 * PAGES / pages;
    List<RowKey> all = new ArrayList<>();
    List<RowKey> moving = new ArrayList<>();
    String query =
        String.format(
            Locale.ROOT,
            "select %s, %s from %s tablesample system (%.6f) order by %s",
            order.placeAsTexts(),
            table.inRanges(ranges),
            table.sql(),
            percent,
            order.list());
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
    return new PageSample(order, ranges, percent / 100, all, moving);
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
  public long estimatedRows() {
    return Math.round(moving.size() / share);
  }

  /** Whether the table is large and few of its rows move, so that to read all of it is a waste. */
  public boolean fewMove() {
    return share < 1 && moving.size() * FEW_OF_ALL <= all.size();
  }

  /** Windows that have about the same number of rows that move; one if the table is small. */
  public List<KeyWindow> parts(int wanted) {
    List<RowKey> keys = moving.size() >= FEW ? moving : all;
    boolean small = share == 1 || keys.size() < FEW || (order.byToken() && moving.size() < FEW);
    int count = small ? 1 : wanted;
    List<KeyWindow> parts = new ArrayList<>();
    Optional<RowKey> after = Optional.empty();
    for (int i = 0; i < count; i++) {
      Optional<RowKey> upTo =
          i + 1 < count ? Optional.of(keys.get(keys.size() * (i + 1) / count)) : Optional.empty();
      parts.add(new KeyWindow(ranges, after, upTo));
      after = upTo;
    }
    return parts;
  }
}
