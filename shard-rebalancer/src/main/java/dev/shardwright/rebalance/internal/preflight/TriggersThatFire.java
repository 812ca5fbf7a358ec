package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/**
 * No trigger of the service's fires for rows that the mover writes: it did where they were written
 * first. Usual triggers, and those of foreign keys, keep still in sessions with {@code
 * session_replication_role = replica}, which the mover's are where its role may set it.
 */
final class TriggersThatFire implements TableCheck {
  private static final String ROLE = "select quote_ident(current_user)";

  private static final String FIRING_ALWAYS =
      """
      select t.tgrelid::regclass::text, quote_ident(t.tgname)
        from %s join pg_trigger t on t.tgrelid = p.relid
        join pg_proc f on f.oid = t.tgfoid
        where not t.tgisinternal and t.tgparentid = 0 and (t.tgtype & 28) <> 0
        and f.pronamespace <> 'shardwright'::regnamespace and t.tgenabled in ('A', 'R')
        order by 1, 2
      """
          .formatted(Relations.SQL);

  /** Of tables that others refer to, what keeps those rows as the foreign key says. */
  private static final String FIRING_USUALLY =
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

  private record Trigger(String table, String name) {}

  @Override
  public String name() {
    return "triggers that fire";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    String name = SqlText.table(table.name());
    for (Trigger trigger :
        side.rows(FIRING_ALWAYS, row -> new Trigger(row.getString(1), row.getString(2)), name)) {
      findings.block(
          "%s: trigger %s of table %s fires for rows that are copied"
              .formatted(side, trigger.name(), trigger.table()),
          "alter table %s enable trigger %s".formatted(trigger.table(), trigger.name()));
    }
    String role = side.rows(ROLE, row -> row.getString(1)).get(0);
    for (String firing : side.rows(FIRING_USUALLY, row -> row.getString(1), name, name)) {
      findings.block(
          "%s: %s acts on rows that are copied, since role %s may not set session_replication_role"
              .formatted(side, firing, role),
          "grant set on parameter session_replication_role to %s".formatted(role));
    }
  }
}
