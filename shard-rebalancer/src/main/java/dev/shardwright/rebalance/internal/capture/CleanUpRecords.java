package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The list of what a migration has made in a database. Each object is listed, and the list is
 * committed, before it is made; so whatever dies, what is there is listed. What was made last goes
 * first.
 */
final class CleanUpRecords {
  private static final String ADD =
      "insert into shardwright.migration_object (migration, place, kind, name)"
          + " select ?, coalesce(max(place), 0) + 1, ?, ? from shardwright.migration_object"
          + " where migration = ? on conflict (migration, kind, name) do nothing";
  private static final String NEWEST_FIRST =
      "select kind, name from shardwright.migration_object where migration = ?"
          + " order by place desc";
  private static final String STRIKE =
      "delete from shardwright.migration_object where migration = ? and kind = ? and name = ?";

  private CleanUpRecords() {}

  /** Lists objects, those that are listed already excepted, and commits. */
  static void add(Connection connection, MoverIdentity mover, Collection<MoveObject> objects)
      throws SQLException {
    MoverTransaction.run(
        connection,
        mover,
        () -> {
          for (MoveObject object : objects) {
            add(connection, mover.migration(), object);
          }
        });
  }

  private static void add(Connection connection, int migration, MoveObject object)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
      statement.setInt(1, migration);
      statement.setString(2, object.kind().name());
      statement.setString(3, object.name());
      statement.setInt(4, migration);
      statement.executeUpdate();
    }
  }

  static List<MoveObject> newestFirst(Connection connection, int migration) throws SQLException {
    List<MoveObject> objects = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(NEWEST_FIRST)) {
      statement.setInt(1, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          objects.add(new MoveObject(ObjectKind.valueOf(rows.getString(1)), rows.getString(2)));
        }
      }
    }
    return objects;
  }

  /** Takes an object from the list, in the transaction that drops it. */
  static void strike(Connection connection, int migration, MoveObject object) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(STRIKE)) {
      statement.setInt(1, migration);
      statement.setString(2, object.kind().name());
      statement.setString(3, object.name());
      statement.executeUpdate();
    }
  }
}
