package dev.shardwright.rebalance.internal.copy;

import com.google.common.base.Joiner;
import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.ObjectNames;
import dev.shardwright.rebalance.internal.table.KeyWindow;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.rebalance.internal.table.RowOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The log of the keys of one table that were written while its rows move. */
final class KeyLog {
  private static final String WRITERS =
      """
      select distinct virtualtransaction from pg_locks
        where locktype = 'advisory' and mode = 'ShareLock' and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = %d and objid = %d and objsubid = 2
      """;

  private final MovingTable table;
  private final int migration;
  private final String log;

  KeyLog(MovingTable table, int migration) {
    this.table = table;
    this.migration = migration;
    this.log = ObjectNames.keyLog(migration, table.number());
  }

  /**
   * Rows of the log.
   *
   * @param positions of each of them; none if the keys did not come from the log
   * @param keys what they name; the same key may be logged many times
   */
  record Batch(List<Long> positions, Set<RowKey> keys) {
    boolean isEmpty() {
      return keys.isEmpty();
    }

    int size() {
      return positions.size();
    }

    /** The last position; the given one if there is none. */
    long last(long otherwise) {
      return positions.isEmpty() ? otherwise : positions.get(positions.size() - 1);
    }
  }

  /** The first rows after a position. */
  Batch read(Connection connection, long after, int most) throws SQLException {
    return read(connection, "log_position > " + after, most);
  }

  /** The first rows after a position whose keys lie in one of the windows. */
  Batch read(
      Connection connection, RowOrder order, Collection<KeyWindow> windows, long after, int most)
      throws SQLException {
    if (windows.isEmpty()) {
      return new Batch(List.of(), Set.of());
    }
    String covered =
        windows.stream()
            .map(window -> "(" + order.loggedBetween(window) + ")")
            .collect(Collectors.joining(" or ", "(", ")"));
    return read(connection, "log_position > " + after + " and " + covered, most);
  }

  private Batch read(Connection connection, String condition, int most) throws SQLException {
    String query =
        "select log_position, %s from %s where %s order by log_position limit %d"
            .formatted(table.loggedKeyAsTexts(), log, condition, most);
    List<Long> positions = new ArrayList<>();
    Set<RowKey> keys = new LinkedHashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        positions.add(rows.getLong(1));
        keys.add(MovingTable.keyOf(rows.getArray(2)));
      }
    }
    return new Batch(positions, keys);
  }

  /**
   * The statement that deletes exactly the rows that were read: one with a lower position may have
   * been committed since, by a transaction that took its number earlier.
   */
  String deletion(Batch batch) {
    return "delete from "
        + log
        + " where log_position = any ('{"
        + Joiner.on(',').join(batch.positions())
        + "}'::int8[])";
  }

  /** Those of the keys that the log names after a position, in other rows than these. */
  Set<RowKey> named(
      Connection connection, long after, Collection<RowKey> keys, Collection<Long> except)
      throws SQLException {
    String query =
        "select distinct %s from %s where log_position > %d and %s and log_position <> all (?)"
            .formatted(table.loggedKeyAsTexts(), log, after, table.logHasKey(keys));
    Set<RowKey> named = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setArray(1, connection.createArrayOf("int8", except.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          named.add(MovingTable.keyOf(rows.getArray(1)));
        }
      }
    }
    return named;
  }

  /**
   * About how many rows there are after a position, without counting them: numbers that were drawn
   * for writes that were rolled back count too. None only if there is no row, except those that
   * came during the call.
   */
  long length(Connection connection, long after) throws SQLException {
    return number(
        connection,
        "select coalesce(greatest(%d - min(log_position) + 1, 0), 0) from %s where log_position > %d"
            .formatted(lastPosition(connection), log, after));
  }

  /** The condition that there are rows after a position. */
  String hasRows(long after) {
    return "exists (select from %s where log_position > %d)".formatted(log, after);
  }

  /** The last position that any transaction has taken, committed or not. */
  long lastPosition(Connection connection) throws SQLException {
    return number(
        connection,
        "select coalesce(pg_sequence_last_value("
            + "pg_get_serial_sequence(%s, 'log_position')::regclass), 0)"
                .formatted(SqlText.literal(log)));
  }

  /** The transactions that may have taken positions and have not ended, prepared ones included. */
  Set<String> writers(Connection connection) throws SQLException {
    Set<String> writers = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(WRITERS.formatted(AdvisoryLocks.GATE, migration))) {
      while (rows.next()) {
        writers.add(rows.getString(1));
      }
    }
    return writers;
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
