package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;
import java.time.Duration;

/**
 * No transaction that has the tables locked is old: triggers are installed, and ranges change
 * hands, only between the transactions of others.
 */
final class LongTransactions implements TableCheck {
  private static final String FIND =
      """
      select a.pid, coalesce(nullif(a.application_name, ''), 'no application name'),
          extract(epoch from clock_timestamp() - a.xact_start)::int8
        from pg_stat_activity a
        where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
        and clock_timestamp() - a.xact_start >= ?::interval
        and exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'relation'
          and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and l.relation in (select relid from %s))
        order by a.xact_start
      """
          .formatted(Relations.SQL);

  private record Session(int pid, String application, long seconds) {}

  private final Duration longest;

  /** Those that take so long, or longer. */
  LongTransactions(Duration longest) {
    this.longest = longest;
  }

  @Override
  public String name() {
    return "long transactions";
  }

  @Override
  public void look(Side side, ShardedTable table, Findings findings) throws SQLException {
    for (Session session :
        side.rows(
            FIND,
            row -> new Session(row.getInt(1), row.getString(2), row.getLong(3)),
            longest.toString(),
            SqlText.table(table.name()))) {
      findings.warn(
          "%s: session %d (%s) has had table %s locked in a transaction that is %d s old"
              .formatted(
                  side, session.pid(), session.application(), table.name(), session.seconds()),
          "wait for its end, or select pg_terminate_backend(%d)".formatted(session.pid()));
    }
  }
}
