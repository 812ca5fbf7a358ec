package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.Relations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Finds out whether rows may have been written without the gate, or changed after it, so that the
 * key log does not tell of them. A gate that was disabled for a while is seen afterwards: what is
 * enabled again as triggers usually are does not always fire.
 */
public final class Uncaptured {
  /**
   * To select triggers from, as {@code t} of the relations {@code p}, that could change a row after
   * a gate has looked at it: triggers fire in the order of their names. The parameter is the table.
   */
  public static final String AFTER_THE_GATE =
      """
      %s join pg_trigger t on t.tgrelid = p.relid join pg_proc f on f.oid = t.tgfoid
        where not t.tgisinternal and t.tgparentid = 0 and (t.tgtype & 3) = 3
        and (t.tgtype & 28) <> 0 and f.pronamespace <> 'shardwright'::regnamespace
        and t.tgname collate "C" >= 'zzz_shardwright_' and t.tgenabled <> 'D'
      """
          .formatted(Relations.SQL);

  private static final String FIND =
      """
      select format('trigger %%I of table %%s does not always fire', asked.gate, p.relid::regclass)
        from (select ?::text as gate) asked cross join %1$s
        where not exists (select from pg_trigger t
          where t.tgrelid = p.relid and t.tgname = asked.gate and t.tgenabled = 'A')
      union all
      select format('trigger %%I of table %%s fires after the gate', t.tgname, p.relid::regclass)
        from %2$s
        order by 1
      """
          .formatted(Relations.SQL, AFTER_THE_GATE);

  private Uncaptured() {}

  /** What lets rows by, a line for each trigger; empty if nothing does. */
  public static List<String> find(
      Connection connection, int migration, Collection<MovingTable> tables) throws SQLException {
    List<String> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      for (MovingTable table : tables) {
        statement.setString(1, ObjectNames.gateTrigger(migration));
        statement.setString(2, SqlText.table(table.name()));
        statement.setString(3, SqlText.table(table.name()));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            found.add(rows.getString(1));
          }
        }
      }
    }
    return found;
  }
}
