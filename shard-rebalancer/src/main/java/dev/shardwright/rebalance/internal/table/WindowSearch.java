package dev.shardwright.rebalance.internal.table;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Cuts a table into windows of so many rows, whichever of them move: so each is bounded work. */
public final class WindowSearch {
  private WindowSearch() {}

  /**
   * The first rows of a window. It reads the index of the primary key, from {@code within.after()}
   * on, and nothing else of the rows that it skips.
   *
   * @param within what is left to cut
   * @param rows how many rows, if there are as many
   */
  public static KeyWindow first(
      Connection connection, MovingTable table, KeyWindow within, int rows) throws SQLException {
    String end =
        "select %1$s from (select %2$s from %3$s where %4$s order by %2$s offset %5$d limit 1) ends"
            .formatted(
                table.keyAsTexts(), table.keyList(), table.sql(), table.inWindow(within), rows - 1);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(end)) {
      return row.next()
          ? new KeyWindow(within.after(), Optional.of(MovingTable.keyOf(row.getArray(1))))
          : within;
    }
  }
}
