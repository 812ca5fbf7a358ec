package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.Guard;
import dev.shardwright.internal.schema.GuardInstaller;
import dev.shardwright.internal.schema.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What works on in a database of migrations that are over, as on a standby that lacks their ends:
 * gates that refuse the ranges until somebody asserts their registers, which nobody will.
 */
public final class LeftBehind {
  private static final String FIND =
      """
      select (regexp_match(proname, '^(?:gate|truncate)_([0-9]+)'))[1]::int4
        from pg_proc where pronamespace = 'shardwright'::regnamespace
        and proname ~ '^(gate_[0-9]+_[0-9]+|truncate_[0-9]+)$'
      union
      select migration from shardwright.given_up
      """;

  private LeftBehind() {}

  /** The migrations, over or not, of which something works here. */
  public static SortedSet<Integer> migrations(Connection connection) throws SQLException {
    SortedSet<Integer> found = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(FIND)) {
      while (rows.next()) {
        found.add(rows.getInt(1));
      }
    }
    return found;
  }

  /**
   * Makes the triggers of a migration let everything be, and the guards decide alone, as they are
   * by now. What it has made stays.
   *
   * @param migration one that was found here before a topology was read that does not list it: a
   *     move has left the topology only after its gates, and no gate comes before its move
   * @param guards of this shard, as that topology says
   */
  public static void letBe(Connection connection, int migration, Collection<Guard> guards)
      throws SQLException {
    Transaction.run(
        connection,
        () -> {
          GuardInstaller.forgetGivenUpWithin(connection, migration, guards);
          GuardInstaller.renewWithin(connection, guards);
          Dismantling.neutraliseWithin(connection, migration);
        });
  }
}
