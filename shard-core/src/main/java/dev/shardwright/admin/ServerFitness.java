package dev.shardwright.admin;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Whether a database can be a shard, whatever the other shards are like. */
final class ServerFitness {
  private static final int OLDEST_VERSION = 150_000;
  private static final String SERVER =
      "select current_setting('server_version_num')::int4, current_setting('server_version'),"
          + " pg_encoding_to_char(encoding), pg_is_in_recovery()"
          + " from pg_database where datname = current_database()";

  private ServerFitness() {}

  /**
   * Checks the database of that connection.
   *
   * @throws ChangeRefused if it cannot be a shard
   */
  static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SERVER)) {
      row.next();
      require(
          row.getInt(1) >= OLDEST_VERSION,
          "it runs PostgreSQL " + row.getString(2) + ": version 15 or newer is needed");
      require(
          row.getString(3).equals("UTF8"),
          "its encoding is " + row.getString(3) + ": a database with encoding UTF8 is needed");
      require(!row.getBoolean(4), "it is a standby: name its primary");
    }
    TokenProbe.difference(connection)
        .ifPresent(
            difference ->
                require(
                    false,
                    difference
                        + ": rows would be looked for where they are not; its machine must be"
                        + " little-endian, and PostgreSQL's hash functions as they come"));
  }

  private static void require(boolean fit, String otherwise) {
    if (!fit) {
      throw new ChangeRefused("the database cannot be a shard: " + otherwise);
    }
  }
}
