package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Installs a range move on one of its shards. Works on sessions of the mover, after {@link
 * OwnerRow#takeOver} and {@link Registers#create}; may be repeated.
 */
public final class Installation {
  /** The partitions that hold rows; the table itself if it is not partitioned. */
  private static final String LEAVES =
      "select n.nspname, c.relname from pg_partition_tree(?::regclass) t"
          + " join pg_class c on c.oid = t.relid join pg_namespace n on n.oid = c.relnamespace"
          + " where t.isleaf order by 1, 2";

  private final MoveOnShard where;
  private final TableLocking locking;

  /** Of that move. */
  public Installation(MoveOnShard where, TableLocking locking) {
    this.where = where;
    this.locking = locking;
  }

  /**
   * Installs gate, capture and key log of one table, and the triggers against TRUNCATE; in the same
   * transaction, the guard that accepts the ranges. So from the moment on from which the guard lets
   * their rows pass, the gate decides, and what it lets pass is captured.
   *
   * @param guard of a topology that lists the move; a newer one that is there stays, since it is of
   *     a topology that lists the move too, or no longer does
   * @throws TableBusy if the table could not be locked in time
   * @throws SQLException also if the table has no primary key
   */
  public void install(Connection connection, MovedTable table, Guard guard) throws SQLException {
    List<KeyColumn> key = KeyColumn.of(connection, table.name());
    if (key.isEmpty()) {
      throw new SQLException("table %s has no primary key".formatted(table.name()), "42P16");
    }
    List<TableName> leaves = leaves(connection, table.name());
    CleanUpRecords.add(connection, where.mover(), objects(table, leaves));
    locking.run(
        connection,
        where.mover(),
        SqlText.table(table.name()),
        TableLocking.Mode.WRITERS,
        () -> {
          create(connection, table, key, leaves);
          GuardInstaller.installWithin(connection, guard);
        });
  }

  /** In the order in which they are made: what others depend on comes first. */
  private List<MoveObject> objects(MovedTable table, List<TableName> leaves) {
    int migration = where.migration();
    List<MoveObject> objects = new ArrayList<>();
    objects.add(MoveObject.table(ObjectNames.keyLog(migration, table.number())));
    objects.add(MoveObject.function(ObjectNames.truncateFunction(migration)));
    objects.add(MoveObject.function(ObjectNames.captureFunction(migration, table.number())));
    objects.add(MoveObject.function(ObjectNames.gateFunction(migration, table.number())));
    for (TableName truncated : truncated(table.name(), leaves)) {
      objects.add(MoveObject.trigger(ObjectNames.truncateTrigger(migration), truncated));
    }
    objects.add(MoveObject.trigger(ObjectNames.captureTrigger(migration), table.name()));
    objects.add(MoveObject.trigger(ObjectNames.gateTrigger(migration), table.name()));
    return objects;
  }

  private void create(
      Connection connection, MovedTable table, List<KeyColumn> key, List<TableName> leaves)
      throws SQLException {
    int migration = where.migration();
    String log = ObjectNames.keyLog(migration, table.number());
    try (Statement statement = connection.createStatement()) {
      statement.execute(TriggerFunctions.keyLog(migration, table, key));
      statement.execute("revoke all on table " + log + " from public");
      statement.execute(TriggerFunctions.refuseTruncate(migration));
      statement.execute(TriggerFunctions.capture(where, table, key));
      statement.execute(TriggerFunctions.gate(where, table));
      for (TableName truncated : truncated(table.name(), leaves)) {
        trigger(
            statement,
            ObjectNames.truncateTrigger(migration),
            "before truncate on %s for each statement",
            truncated,
            ObjectNames.truncateFunction(migration));
      }
      trigger(
          statement,
          ObjectNames.captureTrigger(migration),
          "after insert or update or delete on %s for each row",
          table.name(),
          ObjectNames.captureFunction(migration, table.number()));
      trigger(
          statement,
          ObjectNames.gateTrigger(migration),
          "before insert or update or delete on %s for each row",
          table.name(),
          ObjectNames.gateFunction(migration, table.number()));
    }
  }

  /** One that fires under any {@code session_replication_role}. */
  private static void trigger(
      Statement statement, String name, String event, TableName table, String function)
      throws SQLException {
    String quoted = SqlText.table(table);
    statement.execute(
        "create or replace trigger %s %s execute function %s()"
            .formatted(name, event.formatted(quoted), function));
    statement.execute("alter table %s enable always trigger %s".formatted(quoted, name));
  }

  /** TRUNCATE of a partitioned table fires its own triggers and those of its leaves. */
  private static List<TableName> truncated(TableName table, List<TableName> leaves) {
    List<TableName> all = new ArrayList<>(leaves);
    if (!all.contains(table)) {
      all.add(table);
    }
    return all;
  }

  private static List<TableName> leaves(Connection connection, TableName table)
      throws SQLException {
    List<TableName> leaves = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
      statement.setString(1, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          leaves.add(new TableName(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return leaves;
  }
}
