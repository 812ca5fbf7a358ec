package dev.shardwright.rebalance.internal.table;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Cuts a table into windows of so many rows: so each is bounded work. */
public final class WindowSearch {
  private WindowSearch() {}

  /**
   * The first part of a window. It reads the index that has the order, from {@code within.after()}
   * on, and nothing else of the rows that it skips. By primary key, rows that do not move count.
   *
   * @param within what is left to cut
   * @param rows how many rows, if there are as many
   */
  public static KeyWindow first(Connection connection, RowOrder order, KeyWindow within, int rows)
      throws SQLException {
    return order.byToken()
        ? firstByToken(connection, order, within, rows)
        : place(
                connection,
                "select %1$s from (select %2$s from %3$s where %4$s order by %2$s offset %5$d limit 1) ends"
                    .formatted(
                        order.placeAsTexts(),
                        order.list(),
                        order.table().sql(),
                        order.between(within),
                        rows - 1))
            .map(end -> new KeyWindow(within.ranges(), within.after(), Optional.of(end)))
            .orElse(within);
  }

  /** A window of few ranges, each of which is looked up in the index. */
  private static KeyWindow firstByToken(
      Connection connection, RowOrder order, KeyWindow within, int rows) throws SQLException {
    List<KeyRangeSet> left = MovingTable.inParts(order.tokensOf(within));
    if (left.isEmpty()) {
      return new KeyWindow(KeyRangeSet.EMPTY, within.after(), within.upTo());
    }
    KeyRangeSet ranges = left.get(0);
    Optional<RowKey> end = end(connection, order, within, ranges.ranges(), rows);
    if (end.isEmpty()) {
      end = left.size() == 1 ? within.upTo() : Optional.of(RowOrder.endOf(ranges));
    }
    return new KeyWindow(ranges, within.after(), end);
  }

  /** Merges the first rows of each range. */
  private static Optional<RowKey> end(
      Connection connection, RowOrder order, KeyWindow within, List<KeyRange> ranges, int rows)
      throws SQLException {
    List<String> expressions = order.expressions();
    String names =
        IntStream.range(0, expressions.size())
            .mapToObj(i -> "o" + i)
            .collect(Collectors.joining(", "));
    String named =
        IntStream.range(0, expressions.size())
            .mapToObj(i -> expressions.get(i) + " as o" + i)
            .collect(Collectors.joining(", "));
    String each =
        ranges.stream()
            .map(
                range ->
                    "(select %s, %s as place from %s where %s and %s order by %s limit %d)"
                        .formatted(
                            named,
                            order.placeAsTexts(),
                            order.table().sql(),
                            order.between(within),
                            order.table().inRanges(KeyRangeSet.of(range)),
                            order.list(),
                            rows))
            .collect(Collectors.joining(" union all "));
    return place(
        connection,
        "select place from (%s) each order by %s offset %d limit 1"
            .formatted(each, names, rows - 1));
  }

  private static Optional<RowKey> place(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? Optional.of(MovingTable.keyOf(row.getArray(1))) : Optional.empty();
    }
  }
}
