package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Takes away what a migration has installed in a database, first without any lock on its tables,
 * then for good. Works on sessions of the mover; may be repeated.
 */
public final class Dismantling {
  private static final String FUNCTIONS =
      "select 'shardwright.' || proname from pg_proc where pronamespace = 'shardwright'::regnamespace"
          + " and proname ~ ('^(gate_' || ? || '_[0-9]+|truncate_' || ? || ')$')"
          + " order by proname";

  /** Those of partitions go with those of their tables, if they are not their own. */
  private static final String TRIGGERS =
      "select t.tgname, n.nspname, c.relname from pg_trigger t"
          + " join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace"
          + " where t.tgname in (?, ?) and t.tgparentid = 0 and not t.tgisinternal"
          + " order by 1, 2, 3";

  private final MoverIdentity mover;
  private final TableLocking locking;

  /** Of the mover's migration. */
  public Dismantling(MoverIdentity mover, TableLocking locking) {
    this.mover = mover;
    this.locking = locking;
  }

  /** Makes the triggers let everything be. No table is locked; each statement to come sees it. */
  public void neutralise(Connection connection) throws SQLException {
    MoverTransaction.run(connection, mover, () -> neutraliseWithin(connection, mover.migration()));
  }

  /** The same in the transaction that runs, whoever's it is. */
  static void neutraliseWithin(Connection connection, int migration) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String function : functions(connection, migration)) {
        statement.execute(TriggerFunctions.neutral(function));
      }
    }
  }

  /**
   * Drops everything, each object in a transaction of its own: triggers once a table is quiet, then
   * what they call, the newest first, at last the registers. The catalog says where the triggers
   * are: since they were made, a table may have been renamed, or a partition taken elsewhere.
   *
   * @throws TableBusy if a table could not be locked in time; what was dropped is gone
   */
  public void drop(Connection connection) throws SQLException {
    for (MoveObject trigger : triggers(connection)) {
      locking.run(
          connection,
          mover,
          trigger.table().orElseThrow(),
          TableLocking.Mode.ALL,
          () -> dropWithRecord(connection, trigger));
    }
    for (MoveObject object : CleanUpRecords.newestFirst(connection, mover.migration())) {
      if (object.kind() == ObjectKind.TRIGGER) {
        // Gone from where it was: to drop it again would lock the table.
        MoverTransaction.run(connection, mover, () -> strike(connection, object));
      } else if (object.kind() == ObjectKind.TABLE && isThere(connection, object)) {
        locking.run(
            connection,
            mover,
            object.name(),
            TableLocking.Mode.ALL,
            () -> dropWithRecord(connection, object));
      } else {
        MoverTransaction.run(connection, mover, () -> dropWithRecord(connection, object));
      }
    }
  }

  /**
   * Once the move is not in the topology any more: forgets what the guards have given up, and all
   * else that is kept of the migration. With that this mover is none any more.
   *
   * @param guards of this shard, as a topology says that does not list the move
   */
  public void forget(Connection connection, Collection<Guard> guards) throws SQLException {
    MoverTransaction.run(
        connection,
        mover,
        () -> {
          GuardInstaller.forgetGivenUpWithin(connection, mover.migration(), guards);
          deleteFrom(connection, "shardwright.copy_position");
          deleteFrom(connection, "shardwright.mover");
        });
  }

  /** A register goes under the lock of those who raise it: none of them is half-way then. */
  private void dropWithRecord(Connection connection, MoveObject object) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (object.kind() == ObjectKind.SEQUENCE) {
        statement.execute(
            "select pg_advisory_xact_lock(%d, %d)"
                .formatted(AdvisoryLocks.ADVANCE, mover.migration()));
      }
      statement.execute(object.dropStatement());
    }
    strike(connection, object);
  }

  /** What was listed may not have been made. */
  private static boolean isThere(Connection connection, MoveObject table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select to_regclass(?) is not null")) {
      statement.setString(1, table.name());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private void strike(Connection connection, MoveObject object) throws SQLException {
    CleanUpRecords.strike(connection, mover.migration(), object);
  }

  private void deleteFrom(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("delete from " + table + " where migration = ?")) {
      statement.setInt(1, mover.migration());
      statement.executeUpdate();
    }
  }

  private List<MoveObject> triggers(Connection connection) throws SQLException {
    List<MoveObject> triggers = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(TRIGGERS)) {
      statement.setString(1, ObjectNames.gateTrigger(mover.migration()));
      statement.setString(2, ObjectNames.truncateTrigger(mover.migration()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          TableName table = new TableName(rows.getString(2), rows.getString(3));
          triggers.add(MoveObject.trigger(rows.getString(1), table));
        }
      }
    }
    return triggers;
  }

  private static List<String> functions(Connection connection, int migration) throws SQLException {
    List<String> functions = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FUNCTIONS)) {
      statement.setInt(1, migration);
      statement.setInt(2, migration);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          functions.add(rows.getString(1));
        }
      }
    }
    return functions;
  }
}
