package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.RowOrder;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far the copy of one table has come, kept beside the rows that came. Where lane <i>n</i> ends
 * and the next begins is kept in a row of lane <i>-(n + 1)</i>, and a row of lane {@value
 * #BY_TOKEN} says that the lanes go by token; these never change.
 */
final class CopyPositions {
  private static final String READ =
      "select lane, position, complete, rows, bytes from shardwright.copy_position"
          + " where migration = ? and table_number = ?";
  private static final String INSERT =
      "insert into shardwright.copy_position"
          + " (migration, table_number, lane, position, complete, rows, bytes)"
          + " values (?, ?, ?, ?, ?, 0, 0)";

  /** Does nothing if the lane is not where the caller thinks it is. */
  private static final String ADVANCE =
      "update shardwright.copy_position set position = ?, complete = ?, rows = ?, bytes = ?"
          + " where migration = ? and table_number = ? and lane = ?"
          + " and position is not distinct from ? and not complete";

  /** No lane has that number. */
  private static final int BY_TOKEN = Integer.MIN_VALUE;

  private final MovingTable table;
  private final KeyRangeSet ranges;
  private final MoverIdentity identity;

  /**
   * @param ranges those that move
   */
  CopyPositions(MovingTable table, KeyRangeSet ranges, MoverIdentity identity) {
    this.table = table;
    this.ranges = ranges;
    this.identity = identity;
  }

  /** The lanes; none if the copy has not begun. */
  Lanes read(Connection to) throws SQLException {
    SortedMap<Integer, Lane> found = new TreeMap<>();
    try (PreparedStatement statement = to.prepareStatement(READ)) {
      statement.setInt(1, identity.migration());
      statement.setInt(2, table.number());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Array position = rows.getArray("position");
          found.put(
              rows.getInt("lane"),
              new Lane(
                  rows.getInt("lane"),
                  KeyWindow.all(ranges),
                  position == null ? Optional.empty() : Optional.of(MovingTable.keyOf(position)),
                  rows.getBoolean("complete"),
                  rows.getLong("rows"),
                  rows.getLong("bytes")));
        }
      }
    }
    List<Lane> lanes = new ArrayList<>();
    for (Lane lane : found.tailMap(0).values()) {
      KeyWindow part =
          new KeyWindow(ranges, border(found, -lane.number()), border(found, -lane.number() - 1));
      lanes.add(
          new Lane(
              lane.number(), part, lane.position(), lane.complete(), lane.rows(), lane.bytes()));
    }
    return new Lanes(new RowOrder(table, found.containsKey(BY_TOKEN)), lanes);
  }

  private static Optional<RowKey> border(SortedMap<Integer, Lane> rows, int number) {
    return number < 0 && rows.containsKey(number) ? rows.get(number).position() : Optional.empty();
  }

  /** Notes lanes that have not begun, all of them or none. */
  void begin(Connection to, Lanes lanes) throws SQLException {
    MoverTransaction.in(
        to,
        identity,
        () -> {
          if (lanes.order().byToken()) {
            insert(to, BY_TOKEN, Optional.empty(), true);
          }
          for (Lane lane : lanes.all()) {
            insert(to, lane.number(), Optional.empty(), false);
            if (lane.part().upTo().isPresent()) {
              insert(to, -lane.number() - 1, lane.part().upTo(), true);
            }
          }
          return lanes;
        });
  }

  private void insert(Connection to, int lane, Optional<RowKey> position, boolean complete)
      throws SQLException {
    try (PreparedStatement statement = to.prepareStatement(INSERT)) {
      statement.setInt(1, identity.migration());
      statement.setInt(2, table.number());
      statement.setInt(3, lane);
      setKey(statement, 4, position);
      statement.setBoolean(5, complete);
      statement.executeUpdate();
    }
  }

  /** Notes in the transaction that brings the rows how far they go. */
  void advance(Connection to, Lane before, Lane after) throws SQLException {
    try (PreparedStatement statement = to.prepareStatement(ADVANCE)) {
      setKey(statement, 1, after.position());
      statement.setBoolean(2, after.complete());
      statement.setLong(3, after.rows());
      statement.setLong(4, after.bytes());
      statement.setInt(5, identity.migration());
      statement.setInt(6, table.number());
      statement.setInt(7, before.number());
      setKey(statement, 8, before.position());
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException(
            "lane %s of table %s is copied by somebody else too"
                .formatted(before.number(), table.name()));
      }
    }
  }

  private static void setKey(PreparedStatement statement, int place, Optional<RowKey> key)
      throws SQLException {
    statement.setArray(
        place,
        key.isEmpty()
            ? null
            : statement.getConnection().createArrayOf("text", key.get().values().toArray()));
  }
}
