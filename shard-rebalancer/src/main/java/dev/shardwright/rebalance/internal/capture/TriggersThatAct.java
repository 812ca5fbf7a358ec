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
 * Finds triggers of the service's that act on rows that the mover writes: they did where the rows
 * were written first. Usual triggers, and those of foreign keys, keep still in sessions with {@code
 * session_replication_role = replica}, which the mover's are where its role may set it.
 */
public final class TriggersThatAct {
  /** Tells a table and a trigger of it that always fires. The parameter is the table. */
  public static final String ALWAYS =
      """
      select t.tgrelid::regclass::text, quote_ident(t.tgname)
        from %s join pg_trigger t on t.tgrelid = p.relid
        join pg_proc f on f.oid = t.tgfoid
        where not t.tgisinternal and t.tgparentid = 0 and (t.tgtype & 28) <> 0
        and f.pronamespace <> 'shardwright'::regnamespace and t.tgenabled in ('A', 'R')
        order by 1, 2
      """
          .formatted(Relations.SQL);

  /**
   * Tells what else acts in this session, in words. Of tables that others refer to, also what keeps
   * those rows as the foreign key says. Both parameters are the table.
   */
  public static final String USUALLY =
      """
      select 'trigger ' || quote_ident(t.tgname) || ' of table ' || t.tgrelid::regclass
        from %s join pg_trigger t on t.tgrelid = p.relid
        join pg_proc f on f.oid = t.tgfoid
        where not t.tgisinternal and t.tgparentid = 0 and (t.tgtype & 28) <> 0
        and f.pronamespace <> 'shardwright'::regnamespace and t.tgenabled = 'O'
        and current_setting('session_replication_role') <> 'replica'
      union all
      select 'foreign key ' || quote_ident(k.conname) || ' of table ' || k.conrelid::regclass
        from pg_constraint k
        where k.contype = 'f' and k.conparentid = 0 and k.confrelid = ?::regclass
        and current_setting('session_replication_role') <> 'replica'
      order by 1
      """
          .formatted(Relations.SQL);

  private TriggersThatAct() {}

  /** What acts on rows that this session of the mover writes, a line for each; empty if nothing. */
  public static List<String> find(Connection connection, Collection<MovingTable> tables)
      throws SQLException {
    List<String> found = new ArrayList<>();
    try (PreparedStatement always = connection.prepareStatement(ALWAYS);
        PreparedStatement usually = connection.prepareStatement(USUALLY)) {
      for (MovingTable table : tables) {
        String name = SqlText.table(table.name());
        always.setString(1, name);
        try (ResultSet rows = always.executeQuery()) {
          while (rows.next()) {
            found.add("trigger %s of table %s".formatted(rows.getString(2), rows.getString(1)));
          }
        }
        usually.setString(1, name);
        usually.setString(2, name);
        try (ResultSet rows = usually.executeQuery()) {
          while (rows.next()) {
            found.add(rows.getString(1));
          }
        }
      }
    }
    return found;
  }
}
