package dev.shardwright.internal.schema;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Installs and changes ownership guards. Works on connections of the admin role; everything may be
 * repeated.
 *
 * <p>A guard is <em>final</em> once it says what the topology of its epoch says. Before a shard
 * gives tokens away it is <em>provisional</em> for the epoch that is about to be: it refuses these
 * tokens already. The order that keeps a late or dead admin from opening what another has closed:
 *
 * <ul>
 *   <li>a final guard replaces any guard of an older or the same epoch, and no newer one;
 *   <li>a provisional guard replaces older guards, and narrows a provisional one of its epoch; it
 *       never widens one, since the other admin may be the one whose change comes into force.
 * </ul>
 *
 * <p>So whoever gives up a change after it made provisional guards must first make the next epoch
 * (an empty change will do), and then install the final guards of that one.
 */
public final class GuardInstaller {
  /**
   * Sorts after a service's own triggers, so that it sees the row they leave. The gate of a range
   * move must sort after it.
   */
  static final String TRIGGER = "zz_shardwright_guard";

  private static final String FIND =
      "select epoch, provisional, owned::text from shardwright.guard"
          + " where schema_name = ? and table_name = ?";
  private static final String RECORD =
      "insert into shardwright.guard"
          + " (schema_name, table_name, keyspace, function_name, epoch, provisional, owned)"
          + " values (?, ?, ?, ?, ?, ?, ?::int8multirange)"
          + " on conflict (schema_name, table_name) do update set keyspace = excluded.keyspace,"
          + " function_name = excluded.function_name, epoch = excluded.epoch,"
          + " provisional = excluded.provisional, owned = excluded.owned";
  private static final String FIND_TRIGGER =
      "select from pg_trigger where tgrelid = ?::regclass and tgname = ? and tgenabled = 'A'"
          + " and tgfoid = to_regproc(?)";

  private GuardInstaller() {}

  /**
   * Installs a final guard, unless a newer one is there. Takes no lock on the table if it is
   * guarded already.
   */
  public static void install(Connection connection, Guard guard) throws SQLException {
    Transaction.run(connection, () -> installWithin(connection, guard));
  }

  /** The same where the table has a guard: one that was removed since stays so. */
  public static void renew(Connection connection, Guard guard) throws SQLException {
    Transaction.run(
        connection,
        () -> {
          SchemaInstaller.lock(connection);
          if (find(connection, guard.tableName()).isPresent()) {
            put(connection, guard);
          }
        });
  }

  /**
   * Installs a final guard as {@link #install} does, in the transaction that runs: with it the
   * guard comes into force, or not.
   */
  public static void installWithin(Connection connection, Guard guard) throws SQLException {
    SchemaInstaller.lock(connection);
    put(connection, guard);
  }

  /**
   * Makes guards refuse the ranges of a range move, for good: also the final guards that others
   * install while the move is still in their topology, until {@link #forgetGivenUpWithin}. Takes no
   * lock on the tables: the gates of the move keep writers out. Comes into force with the
   * transaction that runs.
   *
   * <p>A table that is not there any more keeps the function of its guard, by which one that was
   * renamed is guarded, until it is removed.
   *
   * @param guards as the topology says
   * @return whether the guards refuse them then; if not, there is one of a newer topology: read
   *     that and do it again
   */
  public static boolean giveUpWithin(
      Connection connection, int migration, KeyRangeSet ranges, Collection<Guard> guards)
      throws SQLException {
    SchemaInstaller.lock(connection);
    boolean inForce = true;
    for (Guard guard : guards) {
      GivenUp.record(connection, migration, guard.keyspace(), ranges);
      inForce &= put(connection, guard, TablePresence.isTable(connection, guard.tableName()));
    }
    return inForce;
  }

  /**
   * Once the move is not in the topology any more; with the transaction that runs. Where ranges
   * were given up, the guards become those of a topology without the move in the same moment: who
   * has read one with it, and waited for a lock since, comes with an older guard, which is refused.
   *
   * @param guards as a topology says that does not list the move
   */
  public static void forgetGivenUpWithin(
      Connection connection, int migration, Collection<Guard> guards) throws SQLException {
    SchemaInstaller.lock(connection);
    if (GivenUp.forget(connection, migration)) {
      renewWithin(connection, guards);
    }
  }

  /**
   * Makes the guards those of a topology, also of tables that are not there any more, in the
   * transaction that runs.
   */
  public static void renewWithin(Connection connection, Collection<Guard> guards)
      throws SQLException {
    SchemaInstaller.lock(connection);
    for (Guard guard : guards) {
      put(connection, guard, TablePresence.isTable(connection, guard.tableName()));
    }
  }

  /**
   * Installs a final guard on a table that may hold rows, unless some do not belong here. Writers
   * are kept out from the check to the end, so that none slips in between.
   *
   * @return the rows in the way; nothing was changed if there are any
   */
  public static RowsInTheWay installOverRows(Connection connection, Guard guard)
      throws SQLException {
    return Transaction.in(
        connection,
        () -> {
          lockAgainstWriters(connection, guard.tableName());
          RowsInTheWay rows = strays(connection, guard);
          if (!rows.any()) {
            SchemaInstaller.lock(connection);
            put(connection, guard);
          }
          return rows;
        });
  }

  /**
   * Makes the guard provisional, unless there are rows of the tokens that it gives away. Writers
   * are kept out from the check to the end; those that began before have ended.
   *
   * @param guard of the epoch that is about to be
   * @param leaving the tokens that it gives away
   * @return the rows in the way; nothing was changed if there are any
   */
  public static RowsInTheWay shrink(Connection connection, Guard guard, KeyRangeSet leaving)
      throws SQLException {
    return Transaction.in(
        connection,
        () -> {
          lockAgainstWriters(connection, guard.tableName());
          RowsInTheWay rows = rowsOf(connection, guard, leaving);
          if (!rows.any()) {
            SchemaInstaller.lock(connection);
            putProvisional(connection, guard);
          }
          return rows;
        });
  }

  /** Whether the table is guarded, finally, for just the tokens of that guard. */
  public static boolean isInForce(Connection connection, Guard guard) throws SQLException {
    return find(connection, guard.tableName())
            .filter(found -> !found.provisional() && found.owned().equals(guard.owned()))
            .isPresent()
        && hasTrigger(connection, guard.tableName());
  }

  /** Whether the table has the trigger that calls its guard; installing it locks the table. */
  public static boolean hasTrigger(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND_TRIGGER)) {
      statement.setString(1, SqlText.table(table));
      statement.setString(2, TRIGGER);
      statement.setString(3, "shardwright." + GuardFunction.nameFor(table));
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** The rows that do not belong where they are, as far as this moment can tell. */
  public static RowsInTheWay strays(Connection connection, Guard guard) throws SQLException {
    return count(connection, guard, guard.strayCondition());
  }

  /** The rows of these tokens, as far as this moment can tell. */
  public static RowsInTheWay rowsOf(Connection connection, Guard guard, KeyRangeSet tokens)
      throws SQLException {
    return count(connection, guard, guard.conditionOn(tokens));
  }

  /** The tables that have a guard here, made before that epoch. */
  public static List<TableName> guardedBefore(Connection connection, Epoch epoch)
      throws SQLException {
    List<TableName> tables = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select schema_name, table_name from shardwright.guard where epoch < ?"
                + " order by schema_name, table_name")) {
      statement.setLong(1, epoch.value());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.add(new TableName(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return tables;
  }

  /**
   * Removes a table's guard, unless it was made at or after that epoch: then somebody has
   * registered the table again.
   */
  public static void remove(Connection connection, TableName table, Epoch epoch)
      throws SQLException {
    Transaction.run(
        connection,
        () -> {
          SchemaInstaller.lock(connection);
          Optional<Installed> installed = find(connection, table);
          if (installed.isPresent() && epoch.isAfter(installed.get().epoch())) {
            try (Statement statement = connection.createStatement()) {
              // Takes the triggers with it; that needs a lock that keeps readers out for a moment.
              statement.execute(
                  "drop function if exists shardwright."
                      + GuardFunction.nameFor(table)
                      + "() cascade");
            }
            forget(connection, table);
          }
        });
  }

  private static RowsInTheWay count(Connection connection, Guard guard, String condition)
      throws SQLException {
    String example =
        guard
            .table()
            .keyColumn()
            .map(column -> "min(" + SqlText.identifier(column) + "::text)")
            .orElse("null");
    String query =
        "select count(*), %s from %s where %s"
            .formatted(example, SqlText.table(guard.tableName()), condition);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return new RowsInTheWay(
          guard.tableName(), guard.shard(), row.getLong(1), Optional.ofNullable(row.getString(2)));
    }
  }

  private static void lockAgainstWriters(Connection connection, TableName table)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Conflicts with every writer's ROW EXCLUSIVE; readers go on. CREATE TRIGGER needs it anyway.
      statement.execute("lock table " + SqlText.table(table) + " in share row exclusive mode");
    }
  }

  private static boolean put(Connection connection, Guard guard) throws SQLException {
    return put(connection, guard, true);
  }

  /** Returns whether this guard is in force then; if not, a newer one is. */
  private static boolean put(Connection connection, Guard guard, boolean withTrigger)
      throws SQLException {
    Optional<Installed> installed = find(connection, guard.tableName());
    if (installed.isPresent() && installed.get().epoch().isAfter(guard.epoch())) {
      return false;
    }
    Guard left = withoutGivenUp(connection, guard);
    writeFunction(connection, left);
    if (withTrigger) {
      addTrigger(connection, left.tableName());
    }
    record(connection, left, false);
    return true;
  }

  private static void putProvisional(Connection connection, Guard guard) throws SQLException {
    Optional<Installed> installed = find(connection, guard.tableName());
    if (installed.isPresent() && installed.get().keepsOut(guard)) {
      return; // the topology has moved on, and the compare-and-set to come will be lost
    }
    KeyRangeSet owned =
        installed
            .filter(found -> found.epoch().equals(guard.epoch()))
            .map(found -> found.owned().intersection(guard.owned()))
            .orElse(guard.owned());
    Guard left = withoutGivenUp(connection, guard.withOwned(owned));
    writeFunction(connection, left);
    addTrigger(connection, left.tableName());
    record(connection, left, true);
  }

  private static Guard withoutGivenUp(Connection connection, Guard guard) throws SQLException {
    return guard.withOwned(guard.owned().minus(GivenUp.of(connection, guard.keyspace())));
  }

  private static void writeFunction(Connection connection, Guard guard) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String function = "shardwright." + GuardFunction.nameFor(guard.tableName());
      statement.execute(GuardFunction.create(guard));
      statement.execute("revoke all on function " + function + "() from public");
      statement.execute(
          "comment on function "
              + function
              + "() is "
              + SqlText.literal(GuardFunction.comment(guard)));
    }
  }

  private static void addTrigger(Connection connection, TableName name) throws SQLException {
    if (hasTrigger(connection, name)) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      String table = SqlText.table(name);
      statement.execute(
          ("create or replace trigger %s before insert or update or delete on %s"
                  + " for each row execute function shardwright.%s()")
              .formatted(TRIGGER, table, GuardFunction.nameFor(name)));
      statement.execute("alter table " + table + " enable always trigger " + TRIGGER);
    }
  }

  private static Optional<Installed> find(Connection connection, TableName table)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Installed(
                    new Epoch(row.getLong(1)),
                    row.getBoolean(2),
                    SqlText.parseMultirange(row.getString(3))))
            : Optional.empty();
      }
    }
  }

  private static void record(Connection connection, Guard guard, boolean provisional)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RECORD)) {
      statement.setString(1, guard.tableName().schema());
      statement.setString(2, guard.tableName().name());
      statement.setString(3, guard.keyspace());
      statement.setString(4, GuardFunction.nameFor(guard.tableName()));
      statement.setLong(5, guard.epoch().value());
      statement.setBoolean(6, provisional);
      statement.setString(7, SqlText.multirange(guard.owned()));
      statement.executeUpdate();
    }
  }

  private static void forget(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "delete from shardwright.guard where schema_name = ? and table_name = ?")) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      statement.executeUpdate();
    }
  }

  /** What is recorded beside a guard's function. */
  private record Installed(Epoch epoch, boolean provisional, KeyRangeSet owned) {
    boolean keepsOut(Guard provisionalGuard) {
      return epoch.isAfter(provisionalGuard.epoch())
          || (epoch.equals(provisionalGuard.epoch()) && !provisional);
    }
  }
}
