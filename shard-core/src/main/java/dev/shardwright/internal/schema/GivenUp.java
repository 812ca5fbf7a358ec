package dev.shardwright.internal.schema;

import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The tokens that range moves have taken from a database for good, but not yet out of the topology.
 *
 * <p>A move stays in the topology until its left-overs are gone, so that they stay hidden. Whoever
 * repairs the guards meanwhile would open them for the ranges again, with the gate gone already.
 */
final class GivenUp {
  private static final String RECORD =
      "insert into shardwright.given_up (migration, keyspace, ranges)"
          + " values (?, ?, ?::int8multirange) on conflict do nothing";
  private static final String FIND =
      "select ranges::text from shardwright.given_up where keyspace = ? order by migration";
  private static final String FORGET = "delete from shardwright.given_up where migration = ?";

  private GivenUp() {}

  static void record(Connection connection, int migration, String keyspace, KeyRangeSet ranges)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RECORD)) {
      statement.setInt(1, migration);
      statement.setString(2, keyspace);
      statement.setString(3, SqlText.multirange(ranges));
      statement.executeUpdate();
    }
  }

  static KeyRangeSet of(Connection connection, String keyspace) throws SQLException {
    KeyRangeSet all = KeyRangeSet.EMPTY;
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, keyspace);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          all = all.union(SqlText.parseMultirange(rows.getString(1)));
        }
      }
    }
    return all;
  }

  /** Returns whether there was something to forget. */
  static boolean forget(Connection connection, int migration) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      statement.setInt(1, migration);
      return statement.executeUpdate() > 0;
    }
  }
}
