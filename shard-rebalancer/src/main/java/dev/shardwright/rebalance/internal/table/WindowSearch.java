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
   * on.
   *
   * @param within what is left to cut
   * @param rows how many rows, if there are as many
   */
  public static KeyWindow first(
      Connection connection, MovingTable table, KeyWindow within, int rows) throws SQLException {
    String end =
        "select %s from %s where %s order by %s offset %d limit 1"
            .formatted(
                table.keyAsTexts(), table.sql(), table.inWindow(within), table.keyList(), rows - 1);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(end)) {
      return row.next()
          ? new KeyWindow(within.after(), Optional.of(MovingTable.keyOf(row.getArray(1))))
          : within;
    }
  }
}
