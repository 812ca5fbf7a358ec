package dev.shardwright.rebalance.internal.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A commit that changes nothing, and takes as long as those of the service do. */
public final class EmptyCommit {
  /** Writes to the log and nothing else, so that the commit waits for the log. */
  private static final String SQL = "select pg_logical_emit_message(true, 'shardwright', '')";

  private EmptyCommit() {}

  /**
   * Makes one.
   *
   * @param connection in autocommit mode
   */
  public static void on(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SQL);
    }
  }
}
