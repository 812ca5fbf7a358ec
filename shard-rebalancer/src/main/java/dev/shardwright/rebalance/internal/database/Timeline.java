package dev.shardwright.rebalance.internal.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** On which timeline a server is: a standby that is promoted begins the next one. */
public final class Timeline {
  private Timeline() {}

  /**
   * The timeline of the server at the other end.
   *
   * @throws SQLException also if it is a standby
   */
  public static long of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select shardwright.timeline()")) {
      row.next();
      return row.getLong(1);
    }
  }
}
