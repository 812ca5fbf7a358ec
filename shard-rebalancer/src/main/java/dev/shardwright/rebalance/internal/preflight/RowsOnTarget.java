package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.MovingTables;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.SQLException;
import java.util.List;

/** The target has no rows of the ranges: nobody could tell them from copies. */
final class RowsOnTarget implements Check {
  private static final String QUERY_CANCELED = "57014";
  private static final int MOST = 1_000;

  @Override
  public String name() {
    return "rows on the target";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (MovingTable table : MovingTables.read(move.source().session(), move.keyspace())) {
      try {
        look(move, table, findings);
      } catch (SQLException e) {
        if (!QUERY_CANCELED.equals(e.getSQLState())) {
          throw e;
        }
        findings.warn(
            "%s: table %s could not be searched for rows of the ranges in time"
                .formatted(move.target(), table.name()),
            "make the index on the token there, and look again");
      }
    }
  }

  /** The index on the token serves it, a few ranges at a time; without one it reads the table. */
  private static void look(IntendedMove move, MovingTable table, Findings findings)
      throws SQLException {
    int rows = 0;
    for (KeyRangeSet ranges : parts(move, table)) {
      String count =
          "select count(*) from (select from %s where %s limit %d) found"
              .formatted(table.sql(), table.inRanges(ranges), MOST - rows);
      rows += move.target().rows(count, row -> row.getInt(1)).get(0);
      if (rows == MOST) {
        break;
      }
    }
    if (rows > 0) {
      findings.block(
          "%s: table %s has %s%d rows of the ranges, which do not belong there yet"
              .formatted(move.target(), table.name(), rows == MOST ? "at least " : "", rows),
          "compare them with those of %s, keep what is wanted, and delete them there"
              .formatted(move.source()));
    }
  }

  private static List<KeyRangeSet> parts(IntendedMove move, MovingTable table) throws SQLException {
    return TokenIndexes.serve(move.target(), move.keyspace().strategy(), table)
        ? MovingTable.inParts(move.ranges())
        : List.of(move.ranges());
  }
}
