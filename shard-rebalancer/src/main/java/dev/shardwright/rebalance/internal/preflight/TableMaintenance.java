package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;

/** No vacuum, index build or schema change is at work on the tables: triggers would wait for it. */
final class TableMaintenance implements TableCheck {
  /** Modes that conflict with the one in which triggers are made, and that writers do not take. */
  private static final String FIND =
      """
      select l.pid, l.relation::regclass::text, l.mode, coalesce(
          nullif(a.application_name, ''), nullif(a.backend_type, ''), 'no application name')
        from pg_locks l left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
        and l.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
          'ExclusiveLock', 'AccessExclusiveLock')
        and l.database = (select oid from pg_database where datname = current_database())
        and l.relation in (select relid from %s)
        order by 1, 2, 3
      """
          .formatted(Relations.SQL);

  private record Lock(int pid, String table, String mode, String application) {}

  @Override
  public String name() {
    return "table maintenance";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Lock lock :
        side.rows(
            FIND,
            row -> new Lock(row.getInt(1), row.getString(2), row.getString(3), row.getString(4)),
            SqlText.table(table.name()))) {
      findings.warn(
          "%s: session %d (%s) holds %s on table %s, as a vacuum or a schema change does"
              .formatted(side, lock.pid(), lock.application(), lock.mode(), lock.table()),
          "wait for its end, or select pg_cancel_backend(%d)".formatted(lock.pid()));
    }
  }
}
