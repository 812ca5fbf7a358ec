package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalLong;

/**
 * Tells whether a server has crashed since a mark was set: a row of an unlogged table, which
 * recovery empties, and a restart in good order does not.
 *
 * <p>A crash loses transactions that did not wait for the disk ({@code synchronous_commit = off}),
 * though others have seen them, and nothing else tells of it: the timeline stays, and a server that
 * lost one of its processes only does not even start anew.
 */
public final class CrashMark {
  private CrashMark() {}

  /** Whether it was set, and no crash has come since. */
  public static boolean isSet(Connection connection, int migration) throws SQLException {
    return rows(connection, migration).orElse(0) > 0;
  }

  /** Whether a crash has come since it was set; not if it has gone with the migration. */
  public static boolean isLost(Connection connection, int migration) throws SQLException {
    return rows(connection, migration).orElse(1) == 0;
  }

  /** Sets it, for whoever has heeded that it was not set. */
  public static void set(Connection connection, MoverIdentity mover) throws SQLException {
    String table = ObjectNames.crashMark(mover.migration());
    CleanUpRecords.add(connection, mover, List.of(MoveObject.table(table)));
    MoverTransaction.run(
        connection,
        mover,
        () -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(
                "create unlogged table if not exists " + table + " (since timestamptz)");
            statement.execute("insert into " + table + " values (now())");
          }
        });
  }

  /** Empty if there is no table. */
  private static OptionalLong rows(Connection connection, int migration) throws SQLException {
    String table = ObjectNames.crashMark(migration);
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("select to_regclass('" + table + "') is not null")) {
        row.next();
        if (!row.getBoolean(1)) {
          return OptionalLong.empty();
        }
      }
      try (ResultSet row = statement.executeQuery("select count(*) from " + table)) {
        row.next();
        return OptionalLong.of(row.getLong(1));
      }
    }
  }
}
