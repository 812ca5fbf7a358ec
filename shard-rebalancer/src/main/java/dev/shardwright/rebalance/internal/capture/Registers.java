package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalLong;

/**
 * The registers of a migration on one shard. A register only grows; while it is even, the ranges
 * are with the source, while it is odd, with the target.
 *
 * <p>They are sequences: what one says is seen by transactions whose snapshot is older, is not
 * undone by a rollback, and is exact after a crash once its transaction has committed.
 */
public final class Registers {
  private Registers() {}

  /** Makes them, if they are not there, and asserts that they are at least at that value. */
  public static void create(Connection connection, MoverIdentity mover, long value)
      throws SQLException {
    List<String> names = names(mover.migration());
    CleanUpRecords.add(connection, mover, names.stream().map(MoveObject::sequence).toList());
    MoverTransaction.run(
        connection,
        mover,
        () -> {
          make(connection, names);
          call(connection, "assert_register", mover.migration(), value);
        });
  }

  /**
   * Makes them, if they are not there: nothing of the ranges is accepted until one asserts them.
   */
  public static void create(Connection connection, MoverIdentity mover) throws SQLException {
    List<String> names = names(mover.migration());
    CleanUpRecords.add(connection, mover, names.stream().map(MoveObject::sequence).toList());
    MoverTransaction.run(connection, mover, () -> make(connection, names));
  }

  private static List<String> names(int migration) {
    return List.of(ObjectNames.timelineRegister(migration), ObjectNames.register(migration));
  }

  private static void make(Connection connection, List<String> names) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String name : names) {
        statement.execute("create sequence if not exists " + name + " as int8 minvalue 0 start 0");
        statement.execute("revoke all on sequence " + name + " from public");
      }
    }
  }

  /**
   * Raises the register to a value, unless it is there or further already.
   *
   * @return the value in force, for the caller to look at; empty if the migration has no register
   *     here any more
   * @throws SQLException with SQLSTATE {@link
   *     dev.shardwright.internal.schema.SqlStates#TIMELINE_CHANGED} if the server was promoted
   *     since the register was asserted
   */
  public static OptionalLong advance(Connection connection, int migration, long value)
      throws SQLException {
    return call(connection, "advance", migration, value);
  }

  /** The value in force; empty if the migration has no register here. */
  public static OptionalLong value(Connection connection, int migration) throws SQLException {
    return lastValue(connection, ObjectNames.register(migration));
  }

  /** The timeline on which they were asserted last; empty if the migration has none here. */
  public static OptionalLong assertedTimeline(Connection connection, int migration)
      throws SQLException {
    return lastValue(connection, ObjectNames.timelineRegister(migration));
  }

  private static OptionalLong lastValue(Connection connection, String name) throws SQLException {
    // Names that are not there would be an error, and abort the caller's transaction.
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("select to_regclass('" + name + "') is not null")) {
        row.next();
        if (!row.getBoolean(1)) {
          return OptionalLong.empty();
        }
      }
      try (ResultSet row = statement.executeQuery("select last_value from " + name)) {
        row.next();
        return OptionalLong.of(row.getLong(1));
      }
    }
  }

  private static OptionalLong call(
      Connection connection, String function, int migration, long value) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select shardwright." + function + "(?, ?)")) {
      statement.setInt(1, migration);
      statement.setLong(2, value);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long inForce = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(inForce);
      }
    }
  }
}
