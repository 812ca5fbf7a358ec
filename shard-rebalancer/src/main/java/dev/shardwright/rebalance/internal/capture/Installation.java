package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
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
   * Installs the gate, which captures, and the key log of one table, and the triggers against
   * TRUNCATE; with the gate, in the same transaction, the guard that accepts the ranges. So from
   * the moment on from which the guard lets their rows pass, the gate decides, and what it lets
   * pass is captured.
   *
   * <p>The table is locked for triggers that are not there yet, and for nothing else: those of its
   * partitions come first, each under a lock of its own. Where all are there, as on a standby that
   * has taken the shard's place, nothing is locked, so whatever holds a lock is not waited for.
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
    List<MoveTrigger> triggers = triggers(table, leaves(connection, table.name()));
    CleanUpRecords.add(connection, where.mover(), objects(table, triggers));
    MoverTransaction.run(connection, where.mover(), () -> functions(connection, table, key));
    List<MoveTrigger> missing = MoveTrigger.missing(connection, triggers);
    for (MoveTrigger trigger : missing) {
      if (!trigger.table().equals(table.name())) {
        locked(connection, trigger.table(), () -> MoveTrigger.create(connection, List.of(trigger)));
      }
    }
    List<MoveTrigger> ofTable =
        missing.stream().filter(trigger -> trigger.table().equals(table.name())).toList();
    if (ofTable.isEmpty() && GuardInstaller.hasTrigger(connection, table.name())) {
      MoverTransaction.run(
          connection, where.mover(), () -> GuardInstaller.installWithin(connection, guard));
      return;
    }
    locked(
        connection,
        table.name(),
        () -> {
          MoveTrigger.create(connection, ofTable);
          GuardInstaller.installWithin(connection, guard);
        });
  }

  private void locked(Connection connection, TableName table, Transaction.Task task)
      throws SQLException {
    locking.run(connection, where.mover(), SqlText.table(table), TableLocking.Mode.WRITERS, task);
  }

  /** In the order in which they are made: what others depend on comes first. */
  private List<MoveObject> objects(MovedTable table, List<MoveTrigger> triggers) {
    int migration = where.migration();
    List<MoveObject> objects = new ArrayList<>();
    objects.add(MoveObject.table(ObjectNames.keyLog(migration, table.number())));
    objects.add(MoveObject.function(ObjectNames.truncateFunction(migration)));
    objects.add(MoveObject.function(ObjectNames.gateFunction(migration, table.number())));
    triggers.forEach(trigger -> objects.add(MoveObject.trigger(trigger.name(), trigger.table())));
    return objects;
  }

  private void functions(Connection connection, MovedTable table, List<KeyColumn> key)
      throws SQLException {
    int migration = where.migration();
    String log = ObjectNames.keyLog(migration, table.number());
    try (Statement statement = connection.createStatement()) {
      statement.execute(TriggerFunctions.keyLog(migration, table, key));
      statement.execute("revoke all on table " + log + " from public");
      statement.execute(TriggerFunctions.refuseTruncate(migration));
      statement.execute(TriggerFunctions.gate(where, table, key));
    }
  }

  /**
   * In the order in which they are made. TRUNCATE of a partitioned table fires its own triggers and
   * those of its leaves.
   */
  private List<MoveTrigger> triggers(MovedTable table, List<TableName> leaves) {
    int migration = where.migration();
    List<TableName> truncated = new ArrayList<>(leaves);
    if (!truncated.contains(table.name())) {
      truncated.add(table.name());
    }
    List<MoveTrigger> triggers = new ArrayList<>();
    for (TableName each : truncated) {
      triggers.add(
          new MoveTrigger(
              ObjectNames.truncateTrigger(migration),
              each,
              "before truncate on %s for each statement",
              ObjectNames.truncateFunction(migration)));
    }
    triggers.add(
        new MoveTrigger(
            ObjectNames.gateTrigger(migration),
            table.name(),
            "before insert or update or delete on %s for each row",
            ObjectNames.gateFunction(migration, table.number())));
    return triggers;
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
